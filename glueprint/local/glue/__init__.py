"""The operations of AWS Glue, one class for each resource family.

``catalog``, ``crawling`` and ``orchestration`` are the three parts of the API; ``tags`` belongs to all of them.

* In: a :class:`~glueprint.local.protocol.Context` and a request that has passed the checks of the service model.
* Out: the members of the answer, or :class:`~glueprint.local.protocol.ApiError`.

An operation is a method that ``@operation`` (in ``family``) declares: its name in the service model, and where it
runs. Each operation reads and writes the store in one transaction. Methods that take the transaction as their
first argument are for other families and executors, which use them within their own transaction: a blueprint run
creates jobs, a crawl creates tables.

``paging`` makes pages and their tokens. ``refusals`` explains why other operations of Glue are refused, and
``served_by_moto`` lists those that moto serves.
"""
