"""CodeDeploy's deployments of ECS services, which really run."""
