"""Runs in policy/.venv: policies as a JSON list on stdin, what parliament finds in each as a JSON list on stdout.

Its own command line writes every policy into a log in the folder for temporary files, under one name for all users.
"""

import json
import sys

import parliament  # type: ignore[import-not-found]  # installed in policy/.venv only


def main() -> None:
    """Lint each policy."""
    answers = []
    for text in json.load(sys.stdin):
        found = parliament.analyze_policy_string(text, ignore_private_auditors=True).findings
        answers.append([_issue(parliament.enhance_finding(finding)) for finding in found])
    json.dump(answers, sys.stdout)


def _issue(finding: parliament.finding.Finding) -> dict[str, str]:
    detail = finding.detail if isinstance(finding.detail, str) else json.dumps(finding.detail)
    return {"issue": finding.issue, "title": finding.title, "detail": detail}


if __name__ == "__main__":
    main()
