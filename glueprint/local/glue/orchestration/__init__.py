"""Operations on blueprints, jobs, triggers and workflows, and on the runs of all of them.

Definitions are stored here. Runs are started and stopped through the engine, whose decisions are those of
:mod:`glueprint.workflow`.
"""
