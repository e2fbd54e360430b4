"""Runs the experiments of AWS Fault Injection Service: what they take away is really away."""
