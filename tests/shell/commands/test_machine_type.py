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
