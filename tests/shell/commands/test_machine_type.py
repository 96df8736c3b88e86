"""Machine types from the command line."""

import json


def test_list_begins_with_the_cheapest(run):
    rows = json.loads(run("machine-type list -o json").out)
    prices = [float(row["gpuPriceHr"]["value"]) for row in rows]
    assert prices == sorted(prices)
    assert len(rows) > 5


def test_list_with_gpus_keeps_types_that_have_as_many_on_one_host(run):
    rows = json.loads(run("machine-type list --gpus 4 -o json").out)
    assert rows
    assert all(row["maxGpuFree"] >= 4 for row in rows)


def test_list_can_be_narrowed_to_a_data_center(run):
    rows = json.loads(run("machine-type list --data-center no-luster-1 -o json").out)
    assert {row["dataCenterId"] for row in rows} == {"no-luster-1"}


def test_get_shows_all_that_a_type_costs(run):
    columns = "id,vcpu_price_hr,memory_gib_price_hr,gpu_price_hr,storage_gib_price_hr,ipv4_price_hr"
    outcome = run(f"machine-type get epyc-rome-rtx-a5000 --data-center no-luster-1 --columns {columns}")
    assert outcome.out == (
        "id                 epyc-rome-rtx-a5000\n"
        "vcpu price         $0.0021/h\n"
        "memory gib price   $0.0034/h\n"
        "gpu price          $0.52/h\n"
        "storage gib price  $0.000107/h\n"
        "ipv4 price         $0.0035/h\n"
    )


def test_types_of_bare_metal_show_the_range_of_their_prices(run):
    columns = "id,data_center,gpus,gpu_model,prices_hr"
    assert run(f"machine-type list --metal --columns {columns}").out == (
        "ID                    DATA CENTER        GPUS  GPU MODEL                  PRICES\n"
        "ice-lake-a40          se-stockholm-1       10  nvidia-a40                $3.50/h\n"
        "sapphire-rapids-h100  no-kristiansand-1     8  nvidia-h100  $10.74/h to $14.32/h\n"
        "sapphire-rapids-h100  fr-paris-1            8  nvidia-h100  $14.40/h to $18.00/h\n"
    )


def test_types_of_clusters_can_be_narrowed(run):
    assert run("machine-type list --cluster --gpus 9").err == "Nothing found.\n"
    rows = json.loads(run("machine-type list --cluster --data-center fr-paris-1 -o json").out)
    assert [(row["id"], row["networkType"]) for row in rows] == [("sapphire-rapids-h100", "INFINIBAND")]


def test_get_shows_a_type_of_bare_metal_or_clusters(run):
    metal = run(
        "machine-type get ice-lake-a40 --data-center se-stockholm-1 --metal --columns id,network -o csv"
    )
    assert metal.out == "id,network\nice-lake-a40,ETHERNET\n"
    get = "machine-type get sapphire-rapids-h100 --data-center fr-paris-1"
    assert run(f"{get} --cluster --columns id,network -o csv").out == (
        "id,network\nsapphire-rapids-h100,INFINIBAND\n"
    )
    assert run(f"{get} --cluster --metal").code == 2


def test_unknown_type_of_bare_metal_is_exit_4_with_near_ones(run):
    outcome = run("machine-type get ice-lake-a4 --data-center se-stockholm-1 --metal")
    assert (outcome.code, outcome.err) == (
        4,
        "Machine type 'ice-lake-a4' in data center 'se-stockholm-1' not found.\nNear it: ice-lake-a40\n",
    )
