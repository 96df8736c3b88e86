"""GPU models from the command line."""


def test_gpu_models_have_their_memory(run):
    rows = run("gpu list --columns model,memory_gib -o csv").out.splitlines()
    assert "RTX A5000,24" in rows


def test_list_can_be_sorted_by_memory(run):
    assert run("gpu list --sort=-memory_gib").out.splitlines()[:3] == [
        "ID                     MODEL           VENDOR  MEMORY",
        "nvidia-h100-nvl        H100 NVL        NVIDIA  94 GiB",
        "nvidia-h100            H100 SXM        NVIDIA  80 GiB",
    ]


def test_unknown_column_is_refused_with_the_known_ones(run):
    outcome = run("gpu list --columns colour")
    assert (outcome.code, outcome.err) == (
        2,
        "There is no column 'colour'.\nColumns: id, model, vendor, memory_gib\n",
    )
