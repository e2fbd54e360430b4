"""The commands of `tap`: what they take and print. What they do is in the modules of `tap` itself."""
