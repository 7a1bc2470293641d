"""A web console for any Glue: the local one, or AWS.

The console is a client over ``glueprint.client``: it holds the credentials, and the browser never does. Pages are
made on the server (starlette and jinja2) and can be read without JavaScript; a small script refreshes what
changes.

* ``access``: the sign-in link, sessions, and what a request may do; ``headers`` are those of every answer.
* ``visits``: a request as a page receives it, and the wrapper that turns a function into an endpoint.
* ``rendering``: jinja2, with everything escaped; ``text`` formats durations, sizes and states; ``markdown``
renders
  READMEs without HTML.
* ``graph_layout`` places the nodes of a graph in layers; ``graph_folding`` groups those of a large one;
  ``graph_picture`` is what the template draws. ``timeline`` is the same for the bars of a run. All pure.
* ``snapshot`` reads what the overview shows, in the background.
* ``blueprint_form`` converts a submitted form to parameters, and errors to fields.
* ``pages/``: one module for each family of pages; a page reads the API through ``client`` and renders a template.
* ``app`` assembles them; ``serving`` listens on a port.

Everything that the Glue returns is hostile input: names, logs, keys, READMEs. Templates escape it; nothing is
marked as safe but the output of ``markdown``.
"""
