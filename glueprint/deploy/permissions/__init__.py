"""Least-privilege IAM policies for a blueprint: of its personas, of the blueprint run's role and of its jobs'
roles.

In: what the layout makes with given parameters (:mod:`glueprint.check.layout_run`), the scripts of its jobs, and
calls that a local run really made. Out: :class:`~glueprint.deploy.permissions.statements.RolePolicy` for each role
and persona, each statement with the places that need it; written as text, policy documents or a CloudFormation
template.

* ``value_flow``: which arguments of a job reach an expression of its script.
* ``script_calls``: the calls of AWS that a script can make; ``script_sources``: what it reads and writes with
Spark. * ``job_roles``, ``blueprint_role``, ``personas``: statements of each. * ``observed``: statements from calls
that runs made. * ``policies``: all of it, for one blueprint; ``documents``: how it is written.
"""
