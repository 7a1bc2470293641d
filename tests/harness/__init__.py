"""What tests of several rooms share: servers, scripted services and shapes of the API.

pytest puts ``tests/`` on the module path (``pythonpath`` in ``setup.cfg``), so tests import from ``harness``.
"""
