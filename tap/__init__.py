"""The operators' command line and the tools it drives: set-up, Terraform, cdktf."""
