"""The floor: an app of cdktf alone, which loads no provider."""

from cdktf import App, TerraformOutput, TerraformStack

if __name__ == "__main__":
    app = App()
    TerraformOutput(TerraformStack(app, "floor"), "value", value="1")
    app.synth()
