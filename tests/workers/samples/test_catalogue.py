from workers.samples.catalogue import PRODUCTS


def test_every_product_has_a_price_and_a_name() -> None:
    """Every product is under its own sku, with a name, a price in cents and a stock."""
    for sku, product in PRODUCTS.items():
        assert sku == product.sku
        assert product.name
        assert product.price > 0
        assert product.stock >= 0
