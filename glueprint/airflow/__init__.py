"""Operators, sensors and hooks of Apache Airflow for Glue workflows and blueprints.

The Amazon provider has none for them. Airflow is never a dependency of Glueprint: this package is used where
Airflow 2.10 or later and the provider ``apache-airflow-providers-amazon`` 9.0 or later are installed. Import from
``operators``, ``sensors``, ``hooks`` and ``triggers``; ``dag_runs`` runs DAGs in tests.

``runs`` has what they do, without Airflow. ``provider_info`` is the entry point by which Airflow finds the
package; it imports nothing of Airflow.
"""
