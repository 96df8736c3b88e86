"""GPU models from the command line."""


def test_gpu_models_have_their_memory(run):
    rows = run("gpu list --columns model,memory_gib -o csv").out.splitlines()
    assert "RTX A5000,24" in rows
