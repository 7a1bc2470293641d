"""Checks of a blueprint before it is registered: Glue's rules, and traps that users have met.

``subject`` reads what is to be checked - a blueprint of the catalogue, a folder or a zip - as the zip that Glue
would get. ``layout_run`` runs its layout with example parameters (``example``) in an account that is empty and in
memory (``empty_account``): nothing outside the process is read or changed. Then each module of rules reports what
it finds: ``layout_source``, ``job_requests``, ``workflow_requests``, ``scripts``, ``script_arguments``,
``script_content``. ``checking`` puts them in order; ``catalogue`` has the description of every rule; ``reports``
writes findings for GitHub and as SARIF.

Findings are ``facts.findings``. The room needs no server and no network.
"""
