"""Invoices: by billing account, by status, outstanding, page by page."""


def test_invoices_by_status_and_outstanding(world):
    def ids(**query: str) -> list[str]:
        return [each["id"] for each in world.ok("GET", "/v1/invoices", params=query)["invoices"]]

    assert ids(id="demo-billing") == ["in_000003", "in_000002", "in_000001"]
    assert ids(id="demo-billing", status="open") == ["in_000003"]
    assert ids(id="demo-billing", status="void") == []
    outstanding = world.ok("GET", "/v1/billing-accounts/invoices/outstanding")["invoices"]
    assert [(each["id"], each["amountRemaining"]) for each in outstanding] == [("in_000003", "71805")]
    assert world.refused("GET", "/v1/invoices", params={"id": "none"})[1] == 5


def test_invoices_are_paged_newest_first(world):
    query = {"id": "demo-billing", "pageSize": 2}
    first = world.ok("GET", "/v1/invoices", params=query)
    assert ([each["id"] for each in first["invoices"]], first["hasMore"]) == (
        ["in_000003", "in_000002"],
        True,
    )
    rest = world.ok("GET", "/v1/invoices", params=query | {"startingAfter": "in_000002"})
    assert ([each["id"] for each in rest["invoices"]], rest["hasMore"]) == (["in_000001"], False)


def test_amounts_of_an_invoice_add_up(world):
    for invoice in world.ok("GET", "/v1/invoices", params={"id": "demo-billing"})["invoices"]:
        amount = {name: int(invoice[name]) for name in ("subtotal", "tax", "total", "amountDue")}
        assert amount["subtotal"] + amount["tax"] == amount["total"] == amount["amountDue"]
        assert int(invoice["amountPaid"]) + int(invoice["amountRemaining"]) == amount["total"]
        assert int(invoice["periodStart"]) < int(invoice["periodEnd"]) < int(invoice["dueDate"])


def test_viewer_sees_invoices_and_a_stranger_does_not(world):
    member = {"permissionRole": "VIEWER", "userEmail": "vera@example.com"}
    assert world.ok("GET", "/v1/invoices", params={"id": "demo-billing"}, key="viewer-key")["invoices"]
    world.ok("POST", "/v1/billing-accounts/demo-billing:remove-permission", json=member)
    assert world.refused("GET", "/v1/invoices", params={"id": "demo-billing"}, key="viewer-key")[1] == 7
    outstanding = world.ok("GET", "/v1/billing-accounts/invoices/outstanding", key="viewer-key")
    assert outstanding == {"invoices": []}
