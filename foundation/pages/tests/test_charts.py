"""Geometry of the charts."""

from foundation.pages import charts


def test_ring_is_filled_by_its_share_and_never_more_than_full():
    assert charts.ring(50, 100).filled == round(charts.RING_LENGTH / 2, 1)
    assert charts.ring(150, 100).filled == round(charts.RING_LENGTH, 1)
    assert charts.ring(0, 0).filled == 0


def test_spark_breaks_where_data_is_missing():
    spark = charts.spark([1, None, 3, 4])
    assert spark.line.count("M") == 1
    assert spark.strays == ((0.0, 29.0),)
    assert spark.dot == (100.0, 3.0)


def test_spark_without_data_draws_nothing():
    assert charts.spark([None, None]) == charts.Spark("", "", None, None, ())


def test_spark_of_equal_values_is_flat_in_the_middle():
    assert charts.spark([2, 2]).line == "M0.0,16.0 L100.0,16.0"


def test_bar_marks_its_targets():
    assert charts.bar(30, 120, targets=[60, 90]) == charts.Bar(25.0, (50.0, 75.0))


def test_curve_breaks_where_points_jump():
    curve = charts.curve([("target", None, 180, 300, 300), ("good", 180, 600, 200, 100), ("out", 600, None, 0, 0)])
    assert curve.line.count("M") == 3
    assert [text for _x, text in curve.labels] == ["180", "600"]
