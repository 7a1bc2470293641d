"""Operations on crawlers, their history, classifiers and connections.

The engine stores that a crawl must run; :mod:`glueprint.local.executors` runs it.
"""
