"""The policy scan: `python -m policy` judges what the project would deploy, before anything is deployed.

checkov reads the synthesized JSON and a real plan; cfn-lint and parliament read every IAM policy in them; hadolint and
checkov read the Dockerfile. They live in a virtual environment of their own (`policy/.venv`) and run as child
processes. What is accepted all the same stands in `accepted.toml`, each entry with its reason.
"""
