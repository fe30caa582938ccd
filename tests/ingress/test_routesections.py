import pytest

from ingress.routesections import Common, DefaultsSection, GroupSection, RouteSection


@pytest.mark.parametrize("section", [DefaultsSection, GroupSection, RouteSection])
def test_each_section_has_all_common_settings(section: type[Common]) -> None:
    """Whatever `defaults` can say a group and a route can say too, with the same default."""
    assert issubclass(section, Common)
    for name, field in Common.model_fields.items():
        assert section.model_fields[name].default == field.default, name


@pytest.mark.parametrize("section", [DefaultsSection, GroupSection, RouteSection])
def test_every_setting_is_described(section: type[Common]) -> None:
    """Editors show a sentence for each key."""
    assert [name for name, field in section.model_fields.items() if not field.description] == []
