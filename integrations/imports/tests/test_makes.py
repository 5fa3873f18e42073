"""Files of many makes, each with the mapping that its owner would write from docs/imports.md."""

import datetime as dt
import zoneinfo
from decimal import Decimal

import pytest
import xlsxwriter
from django.utils import timezone

from interactions.models import Evaluation, Leg, Touch
from interactions.queries import customer_key_of
from metrics.models import DayValue, Metric, Reading
from people.models import Division, Queue, Team, User
from scorecards.actions import rescore

from .factories import counts, imported, issues

pytestmark = pytest.mark.django_db


def written(path, text: str, encoding: str = "utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def legs(*names) -> list[tuple]:
    return list(Leg.objects.order_by("external_id", "leg_number").values_list(*names))


def utc(*parts) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


def test_tabs_yymmdd_no_name_of_the_first_column_and_milliseconds(tmp_path):
    file = written(
        tmp_path / "vru.txt",
        "\tvru+line\tcall_id\tdate\tvru_entry\tser_time\tserver\n"
        "1\tAA0101\t33116\t990101\t6:55:22\t183000\tANAT\n"
        "2\tAA0101\t33117\t990101\t23:59:50\t20500\tNO_SERVER\n",
    )
    run = imported(
        """
        source: bank
        time_zone: Asia/Jerusalem
        file: {delimiter: tab, empty: [NO_SERVER]}
        agent: {name: server, unknown: create, missing: keep}
        fields:
          id: {columns: ["#1", call_id], join: "-"}
          started_at: {date: {column: date, format: yymmdd}, time: vru_entry}
          talk: {column: ser_time, unit: ms}
          answered: {condition: {column: server, empty: no}}
        """,
        file,
    )
    assert counts(run) == (2, 0, 0, 0, 0)
    assert legs("external_id", "agent__name", "started_at", "talk_seconds", "answered") == [
        ("1-33116", "ANAT", utc(1999, 1, 1, 4, 55, 22), Decimal("183.000"), True),
        ("2-33117", None, utc(1999, 1, 1, 21, 59, 50), Decimal("20.500"), False),
    ]


def test_spanish_headers_semicolons_decimal_commas_and_windows_letters(tmp_path):
    file = written(
        tmp_path / "llamadas.csv",
        "Informe de llamadas;;;;;;\n"
        "\n"
        "Nº;Fecha;Agente;Duración;¿Atendida?;Coste;Cola\n"
        '7;03/04/21 14:05;"Núñez, José";1.234,5;Sí;1.002,25 €;Facturación\n'
        "8;31/12/21 00:01;María;-;No;-;Facturación\n"
        "Total;2;;;;;\n",
        "cp1252",
    )
    run = imported(
        """
        source: es
        time_zone: Europe/Madrid
        file: {encoding: cp1252, header: find, footer: 1, empty: "-", decimal: ",", thousands: "."}
        agent: {name: Agente, unknown: create}
        fields:
          id: Nº
          started_at: {column: Fecha, format: dd/mm/yy hh:mm}
          talk: Duración
          answered: ¿Atendida?
          charge: Coste
          queue: Cola
        """,
        file,
    )
    assert counts(run) == (2, 0, 0, 0, 0)
    assert legs("external_id", "agent__name", "started_at", "talk_seconds", "answered", "charge", "queue__name") == [
        ("7", "Núñez, José", utc(2021, 4, 3, 12, 5), Decimal("1234.500"), True, Decimal("1002.25"), "Facturación"),
        ("8", "María", utc(2021, 12, 30, 23, 1), None, False, None, "Facturación"),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-16-le"])
def test_offsets_in_dates_and_other_encodings(tmp_path, encoding):
    file = written(
        tmp_path / "contacts.csv",
        "ContactId,Agent,Initiated,Ended,Media\r\n"
        "a,Zoë,2024-03-01T23:30:00-05:00,2024-03-01T23:40:30.250-05:00,VOICE\r\n"
        "b,Zoë,2024-03-02T04:30:00Z,,WhatsApp\r\n",
        encoding,
    )
    options = "file: {encoding: utf-16-le}" if encoding == "utf-16-le" else ""
    imported(
        f"""
        source: cloud
        time_zone: America/New_York
        {options}
        agent: {{name: Agent, unknown: create}}
        fields:
          id: ContactId
          started_at: Initiated
          ended_at: Ended
          talk: {{from: {{field: started_at}}, to: {{field: ended_at}}}}
          media_type: Media
        """,
        file,
    )
    assert legs("external_id", "started_at", "ended_at", "talk_seconds", "media_type", "workday") == [
        (
            "a",
            utc(2024, 3, 2, 4, 30),
            utc(2024, 3, 2, 4, 40, 30, 250000),
            Decimal("630.250"),
            "voice",
            dt.date(2024, 3, 2),
        ),
        ("b", utc(2024, 3, 2, 4, 30), None, None, "message", dt.date(2024, 3, 2)),
    ]


def test_the_workday_is_the_local_date_of_the_division(tmp_path):
    Division.objects.create(name="New York", time_zone="America/New_York")
    file = written(tmp_path / "c.csv", "Id,Agent,Start,Talk\n1,Ada,2024-03-02T04:30:00Z,10\n")
    imported(
        """
        source: utc
        agent: {name: Agent, unknown: create, division: {value: New York}}
        fields: {id: Id, started_at: Start, talk: Talk}
        """,
        file,
    )
    assert legs("workday") == [(dt.date(2024, 3, 1),)]


def test_calls_over_midnight_with_am_and_pm(tmp_path):
    file = written(
        tmp_path / "night.csv",
        "id,name,day,from,until\n"
        "1,Bo,1/31/2024,11:50 PM,12:10 AM\n"
        "2,Bo,1/31/2024,12:00 AM,12:00 AM\n"
        "3,Bo,1/31/2024,2:05 pm,2:07 p.m.\n",
    )
    imported(
        """
        source: night
        time_zone: UTC
        agent: {name: name, unknown: create}
        fields:
          id: id
          started_at: {date: {column: day, format: m/d/yyyy}, time: from}
          ended_at: {time: until}
          talk: {from: {field: started_at}, to: {field: ended_at}}
        """,
        file,
    )
    assert legs("started_at", "ended_at", "talk_seconds") == [
        (utc(2024, 1, 31, 23, 50), utc(2024, 2, 1, 0, 10), 1200),
        (utc(2024, 1, 31, 0, 0), utc(2024, 1, 31, 0, 0), 0),
        (utc(2024, 1, 31, 14, 5), utc(2024, 1, 31, 14, 7), 120),
    ]


def test_daily_sums_become_readings_of_several_metrics(tmp_path):
    file = written(
        tmp_path / "daily.csv",
        "Day,Employee,Calls,AHT,On queue,Adherence\n"
        '30.09.2024,E1,35,0:03:30,7:30:00,"92,5 %"\n'
        "30.09.2024,E2,0,,26:10:05,n/a\n"
        "30.09.2024,,12,0:01:00,1:00:00,50\n",
    )
    mapping = """
        kind: readings
        source: wfm
        file: {decimal: ",", empty: n/a}
        agent: {id: Employee, unknown: create}
        fields: {workday: {column: Day, format: dd.mm.yyyy}}
        metrics:
          - metric: acd_handle_time
            create: {name: Handle time of the ACD, unit: seconds, better: lower}
            mean: {column: AHT, as: duration}
            count: Calls
          - metric: on_queue
            create: {name: On queue, unit: seconds, aggregation: sum}
            value: {column: On queue, as: duration}
          - metric: adherence
            create: {name: Adherence, unit: percent, precision: 1}
            value: Adherence
        """
    run = imported(mapping, file)
    assert counts(run) == (4, 0, 0, 1, 0)
    assert list(Reading.objects.order_by("pk").values_list("metric__key", "agent__external_id", "value", "count")) == [
        ("acd_handle_time", "E1", 7350, 35),
        ("on_queue", "E1", 27000, None),
        ("adherence", "E1", Decimal("92.5"), None),
        ("on_queue", "E2", 94205, None),
    ]
    assert Metric.objects.get(key="on_queue").aggregation == "sum"
    rescore(at=timezone.now())
    assert DayValue.objects.get(metric__key="acd_handle_time").total == 7350
    assert counts(imported(mapping, file)) == (0, 0, 4, 1, 0)
    written(file, "Day,Employee,Calls,AHT,On queue,Adherence\n30.09.2024,E1,35,0:03:30,7:00:00,\n")
    assert counts(imported(mapping, file)) == (0, 1, 1, 0, 0)


def test_readings_that_add_up_come_once(tmp_path):
    file = written(tmp_path / "parts.csv", "Day,Who,Sold\n2024-09-30,Ada,2\n2024-09-30,Ada,2\n2024-09-30,Ada,3\n")
    mapping = """
        kind: readings
        source: shop
        reading: cumulative
        agent: {name: Who, unknown: create}
        fields: {workday: Day}
        metrics: [{metric: sold, create: {name: Sold, aggregation: sum}, value: Sold}]
        """
    assert counts(imported(mapping, file)) == (3, 0, 0, 0, 0)
    assert counts(imported(mapping, file)) == (0, 0, 3, 0, 0)
    rescore(at=timezone.now())
    assert DayValue.objects.get().total == 7


def test_totals_that_repeat_a_day_are_not_read(tmp_path):
    file = written(tmp_path / "parts.csv", "Day,Who,Sold\n2024-09-30,Ada,2\n2024-09-30,Ada,3\n")
    run = imported(
        """
        kind: readings
        source: shop
        agent: {name: Who, unknown: create}
        fields: {workday: Day}
        metrics: [{metric: sold, create: {name: Sold}, value: Sold}]
        """,
        file,
    )
    assert counts(run) == (1, 0, 0, 0, 1)
    assert issues(run) == [
        (3, "", "an earlier row has sold of this agent and day; where rows add up, say `reading: cumulative`")
    ]


def test_evaluations_of_days_and_of_interactions(tmp_path):
    calls = written(tmp_path / "calls.csv", "Id,Agent,Start,Talk\nc1,Ada,2024-09-30 10:00,60\n")
    agent = "agent: {name: Agent, unknown: create}"
    imported(f"source: s\ntime_zone: UTC\n{agent}\nfields: {{id: Id, started_at: Start, talk: Talk}}", calls)
    file = written(
        tmp_path / "qa.csv",
        "Nr,Agent,Call,Day,Points,By,Open\n1,,c1,,8,Ada,no\n2,Ada,,2024-09-29,11,,\n3,Ada,c9,,5,,\n",
    )
    mapping = f"""
        kind: evaluations
        source: s
        {agent}
        fields:
          id: Nr
          interaction: Call
          score: Points
          maximum: {{value: 10}}
          form: {{value: Care}}
          evaluator: By
          released: {{not: {{column: Open, default: no}}}}
        """
    run = imported(mapping, file)
    assert counts(run) == (1, 0, 0, 0, 2)
    assert issues(run) == [
        (3, "", "the score is not between 0 and the maximum (10)"),
        (4, "", "no interaction of this id is known; import the interactions of this source first"),
    ]
    row = Evaluation.objects.get()
    assert (row.leg.external_id, row.agent.name, row.workday) == ("c1", "Ada", dt.date(2024, 9, 30))
    assert (row.score, row.maximum, row.form, row.evaluator.name, row.released) == (8, 10, "Care", "Ada", True)
    assert counts(imported(mapping, file)) == (0, 0, 1, 0, 2)


def test_broken_lines_are_kept_with_their_line_and_the_rest_goes_in(tmp_path):
    file = written(
        tmp_path / "broken.csv",
        "Id,Agent,Start,Talk,Note\n"
        '1,Ada,2024-09-30 10:00,10,"two\nlines, ""quoted"""\n'
        "2,Ada,2024-09-30 10:01,10\n"
        '3,Ada,2024-09-30 10:02,10,"never closed\n'
        "4,Ada,2024-09-30 10:03,10,fine\n"
        "5,Ada,2024-09-31 10:04,10,no such day\n"
        '6,Ada,2024-09-30 10:05,10,"a" b\n'
        "7,Ada,2024-09-30 10:06,ten,x\n"
        ",,,,\n"
        "8,Ada,2024-09-30 10:07,10,x,y\n"
        "9,Ada,2024-09-30 10:08,10,x,\n"
        "9,Ada,2024-09-30 10:08,10,x\n",
    )
    run = imported(
        """
        source: broken
        time_zone: UTC
        agent: {name: Agent, unknown: create}
        fields: {id: Id, started_at: Start, talk: Talk, wrap_up: Note}
        """,
        file,
    )
    assert issues(run) == [
        (4, "", "the row has 4 columns where the header has 5"),
        (5, "", "a quote is opened and not closed"),
        (7, "Start", "is no date of the calendar; see whether day and month are the right way round"),
        (8, "", "a quoted cell is followed by more text; quotes inside a cell must be doubled"),
        (9, "Talk", "is not a duration"),
        (11, "", "the row has 6 columns where the header has 5"),
        (13, "", "an earlier row of this file has this id; where rows are legs of one contact, say `leg:`"),
    ]
    assert [row[0] for row in legs("external_id")] == ["1", "4", "9"]
    assert Leg.objects.get(external_id="1").wrap_up == 'two\nlines, "quoted"'


def workbook(path, rows, sheet: str = "Data", formats: dict | None = None, above: int = 0):
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("Cover").write(0, 0, "Report")
    page = book.add_worksheet(sheet)
    for at, row in enumerate(rows, above):
        for column, cell in enumerate(row):
            form = (
                book.add_format({"num_format": formats[column]})
                if formats and column in formats and at > above
                else None
            )
            if isinstance(cell, (dt.date, dt.datetime, dt.time)):
                page.write_datetime(at, column, cell, form)
            else:
                page.write(at, column, cell, form)
    book.close()
    return path


def test_a_workbook_with_typed_cells_on_its_second_sheet(tmp_path):
    file = workbook(
        tmp_path / "calls.xlsx",
        [
            ["Id", "Agent", "When", "Clock", "Talk", "Hold", "Score"],
            [1, "Ada", dt.datetime(2024, 9, 30), 0.5, 26.5 / 24, dt.time(0, 2, 23), 4.5],  # noqa: DTZ001
            [2, "Ada", dt.datetime(2024, 9, 30, 13, 15), 0.25, 0.001, None, ""],  # noqa: DTZ001
        ],
        formats={2: "yyyy-mm-dd hh:mm", 3: "hh:mm:ss", 4: "[h]:mm:ss", 5: "h:mm:ss"},
        above=3,
    )
    imported(
        """
        source: book
        time_zone: UTC
        file: {sheet: Data, header: 4}
        agent: {name: Agent, unknown: create}
        fields:
          id: Id
          started_at: {date: When, time: Clock}
          talk: Talk
          hold: Hold
          rating: Score
        """,
        file,
    )
    assert legs("external_id", "started_at", "talk_seconds", "hold_seconds", "rating") == [
        ("1", utc(2024, 9, 30, 12), 95400, 143, Decimal("4.5")),
        ("2", utc(2024, 9, 30, 6), Decimal("86.400"), None, None),
    ]


def test_fractions_of_a_day_are_times_when_the_mapping_says_so(tmp_path):
    file = workbook(tmp_path / "raw.xlsx", [["Id", "Agent", "When", "Talk"], [1, "Ada", 45565.75, 0.0025]], sheet="S")
    imported(
        """
        source: book
        time_zone: UTC
        file: {sheet: 2}
        agent: {name: Agent, unknown: create}
        fields: {id: Id, started_at: {column: When, format: excel}, talk: {column: Talk, unit: days}}
        """,
        file,
    )
    assert legs("started_at", "talk_seconds") == [(utc(2024, 9, 30, 18), 216)]


def test_names_ids_and_truths_made_from_several_columns(tmp_path):
    file = written(
        tmp_path / "make.csv",
        "First,Last,Stamp,Ext,Type,Status,Sec,Rings,Phone\n"
        "Ada,Lovelace,2024-09-30 10:00:00,sip:401@pbx,IN,ANSWERED,61,4,+49 30 1\n"
        "Grace,Hopper,2024-09-30 10:00:00,sip:402@pbx,OUT,BUSY,0,2,+49 30 1\n"
        "Ada,Lovelace,2024-09-30 10:05:00,sip:401@pbx,IN,TEST,5,1,+49 30 2\n",
    )
    run = imported(
        r"""
        source: pbx
        time_zone: UTC
        leave_out: {column: Status, is: TEST}
        agent:
          id: {column: Ext, extract: 'sip:(\d+)'}
          name: {columns: [First, Last]}
          unknown: create
        fields:
          id: {columns: [Stamp, Ext], join: "|"}
          ended_at: Stamp
          started_at: {minus: [{field: ended_at}, {field: talk}, {field: wait}]}
          talk: Sec
          wait: {product: [Rings, {value: 5}]}
          direction: {column: Type, map: {IN: inbound, OUT: outbound}}
          media_type: {value: voice}
          answered: {condition: {column: Status, one_of: [ANSWERED, TRANSFERRED]}}
          wrap_up: {column: Status, case: lower}
          customer: Phone
        """,
        file,
    )
    assert counts(run) == (2, 0, 0, 1, 0)
    assert legs(
        "agent__external_id", "agent__name", "started_at", "wait_seconds", "direction", "answered", "wrap_up"
    ) == [
        ("401", "Ada Lovelace", utc(2024, 9, 30, 9, 58, 39), 20, "inbound", True, "answered"),
        ("402", "Grace Hopper", utc(2024, 9, 30, 9, 59, 50), 10, "outbound", False, "busy"),
    ]
    keys = {row[0] for row in legs("customer_key")}
    assert len(keys) == 1
    assert len(keys.pop()) == 64


def test_customers_number_gets_the_key_that_every_way_in_makes(tmp_path, settings):
    settings.LAUREL_PHONE_REGION = "DE"
    file = written(
        tmp_path / "phones.csv",
        "Id,Agent,Start,Phone\n1,Ada,2024-09-30 10:00,030/123 456\n2,Ada,2024-09-30 11:00,4930123456\n"
        "3,Ada,2024-09-30 12:00,anonymous\n4,Ada,2024-09-30 13:00,\n",
    )
    mapping = """
        source: phones
        time_zone: UTC
        agent: {name: Agent, unknown: create}
        fields: {id: Id, started_at: Start, customer: Phone}
        """
    assert counts(imported(mapping, file)) == (4, 0, 0, 0, 0)
    key = customer_key_of("+49 30 123456")
    assert legs("customer_key") == [(key,), (key,), (None,), (None,)]


def test_legs_of_one_contact_are_numbered_and_content_makes_ids(tmp_path):
    file = written(
        tmp_path / "legs.csv",
        "Contact,Agent,Start,Talk\nc1,Ada,2024-09-30 10:00,10\nc1,Bo,2024-09-30 10:01,20\nc2,Bo,2024-09-30 10:01,20\n",
    )
    mapping = """
        source: legs
        time_zone: UTC
        agent: {name: Agent, unknown: create}
        fields: {id: Contact, leg: {occurrence: Contact}, started_at: Start, talk: Talk}
        """
    imported(mapping, file)
    assert legs("external_id", "leg_number", "agent__name") == [("c1", 1, "Ada"), ("c1", 2, "Bo"), ("c2", 1, "Bo")]
    same = written(tmp_path / "same.csv", "Agent,Start,Talk\nAda,2024-09-30 10:00,10\nAda,2024-09-30 10:00,10\n")
    by_content = mapping.replace("source: legs", "source: rows").replace(
        "Contact, leg: {occurrence: Contact}", "{row: yes}"
    )
    assert counts(imported(by_content, same)) == (2, 0, 0, 0, 0)
    assert counts(imported(by_content, same)) == (0, 0, 2, 0, 0)


def test_a_changed_row_is_updated_and_touches_both_days(tmp_path):
    file = written(
        tmp_path / "c.csv", "Id,Agent,Start,Talk,Hold\n1,Ada,2024-09-30 10:00,10,5\n2,Ada,2024-09-30 11:00,10,5\n"
    )
    mapping = """
        source: c
        time_zone: UTC
        agent: {name: Agent, unknown: create}
        fields: {id: Id, started_at: Start, talk: Talk, hold: Hold}
        """
    imported(mapping, file)
    Touch.objects.all().delete()
    written(file, "Id,Agent,Start,Talk,Hold\n1,Bo,2024-10-01 10:00,10,5\n2,Ada,2024-09-30 11:00,10,5\n")
    assert counts(imported(mapping, file)) == (0, 1, 1, 0, 0)
    touched = {(touch.agent.name, touch.workday) for touch in Touch.objects.select_related("agent")}
    assert touched == {("Ada", dt.date(2024, 9, 30)), ("Bo", dt.date(2024, 10, 1))}


def test_a_mapping_that_does_not_name_a_field_leaves_it_as_it_is(tmp_path):
    file = written(tmp_path / "c.csv", "Id,Agent,Start,Talk,Stars\n1,Ada,2024-09-30 10:00,10,5\n")
    head = "source: c\ntime_zone: UTC\nagent: {name: Agent, unknown: create}\n"
    imported(head + "fields: {id: Id, started_at: Start, talk: Talk}", file)
    imported(head + "fields: {id: Id, started_at: Start, rating: Stars}", file)
    assert legs("talk_seconds", "rating") == [(10, 5)]


def test_an_employees_file_makes_people_teams_and_divisions_with_their_zones(tmp_path):
    calls = written(
        tmp_path / "calls.csv", "Emp,At,Sec\ne1,2024-03-31 02:30,10\ne2,2024-03-31 02:30,10\ne1,2024-10-27 02:30,10\n"
    )
    staff = written(tmp_path / "staff.csv", "No;Name;Boss;Site\nE1 ;Ada;Grace;Berlin\nE2;Bo;Grace;Reykjavik\n;;;\n")
    run = imported(
        """
        source: two-sites
        tables:
          staff: {file: staff.csv, delimiter: semicolon, key: No, match: Emp, any_case: yes, missing: refuse}
        agent:
          id: staff.No
          name: staff.Name
          unknown: create
          division: staff.Site
          team: {columns: [staff.Boss, staff.Site], join: " / "}
          lead: staff.Boss
        divisions: {Berlin: Europe/Berlin, Reykjavik: Atlantic/Reykjavik}
        fields: {id: {row: yes}, started_at: At, talk: Sec}
        """,
        calls,
        tables={"staff": staff},
    )
    assert run.people_created == 3
    starts = {(leg.agent.name, leg.started_at) for leg in Leg.objects.select_related("agent")}
    assert starts == {
        ("Ada", utc(2024, 3, 31, 1, 30)),  # 02:30 is skipped that day: half an hour after the change
        ("Bo", utc(2024, 3, 31, 2, 30)),
        ("Ada", utc(2024, 10, 27, 0, 30)),  # 02:30 comes twice: the first
    }
    ada = User.objects.get(external_id="E1")
    assert not ada.has_usable_password()
    assert ada.team_memberships.get().team.name == "Grace / Berlin"
    assert {lead.person.name for lead in ada.team_memberships.get().team.leads.all()} == {"Grace"}
    assert ada.division_assignments.get().from_on == dt.date(2024, 3, 31)
    earlier = written(tmp_path / "calls.csv", "Emp,At,Sec\ne1,2024-01-02 02:30,10\n")
    imported(run.mapping_text, earlier, tables={"staff": staff})
    assert ada.division_assignments.get().from_on == dt.date(2024, 1, 2)
    assert ada.team_memberships.get().from_on == dt.date(2024, 1, 2)


def test_zones_named_in_a_column(tmp_path):
    file = written(
        tmp_path / "z.csv", "Id,Agent,At,Zone\n1,Ada,2024-07-01 10:00,Asia/Tokyo\n2,Ada,2024-07-01 10:00,Mars/Base\n"
    )
    run = imported(
        """
        source: z
        time_zone: {column: Zone}
        agent: {name: Agent, unknown: create}
        fields: {id: Id, started_at: At}
        """,
        file,
    )
    assert legs("started_at") == [(utc(2024, 7, 1, 1),)]
    assert issues(run) == [(3, "", "is no time zone")]


def test_agents_are_matched_by_email_then_id_and_unknown_ones_refused(tmp_path):
    ada = User.objects.create_user("ada@example.com", name="Ada")
    bo = User.objects.create_user(name="Bo", external_id="17")
    file = written(
        tmp_path / "m.csv",
        "Id,Mail,No,At\n"
        "1,ADA@example.com,,2024-07-01 10:00\n2,,17,2024-07-01 10:00\n3,x@example.com,99,2024-07-01 10:00\n",
    )
    run = imported(
        """
        source: m
        time_zone: UTC
        agent: {email: Mail, id: No, match: [email, id]}
        fields: {id: Id, started_at: At}
        """,
        file,
    )
    assert legs("agent") == [(ada.pk,), (bo.pk,)]
    assert issues(run) == [
        (4, "agent", "there is no person with this email; `unknown: create` under `agent:` would make one")
    ]


def test_a_file_without_header_by_position_and_with_names(tmp_path):
    file = written(tmp_path / "p.csv", "1|Ada|2024-07-01 10:00|00:14:33.768\n2|Ada|2024-07-01 11:00| 26:10:05\n")
    for fields in (
        'file: {header: none}\nagent: {name: "#2", unknown: create}\n'
        'fields: {id: {position: 1}, started_at: "#3", talk: "#4"}',
        "file: {header: none, columns: [nr, who, at, len]}\nagent: {name: who, unknown: create}\n"
        "fields: {id: nr, started_at: at, talk: len}",
    ):
        imported(f"source: p\ntime_zone: UTC\n{fields}", file)
    assert legs("external_id", "talk_seconds") == [("1", Decimal("873.768")), ("2", 94205)]


def test_a_wide_table_of_rates_gives_charges_that_are_not_rounded_by_row(tmp_path):
    rates = written(tmp_path / "rates.csv", "Type ;Fee (2018);Fee (2019)\nSales ;1.52 / min;1.56 / min\n;;\n")
    file = written(
        tmp_path / "c.csv", "Id,Agent,At,Type,Sec,Lost\n1,A,5/4/2018 10:00,Sales,7,0\n2,A,5/4/2019 10:00,Sales,7,0\n"
        "3,A,5/4/2019 10:00,Sales,7,1\n4,A,5/4/2019 10:00,Other,7,0\n",
    )  # fmt: skip
    imported(
        r"""
        source: fees
        time_zone: UTC
        tables:
          rates:
            file: rates.csv
            delimiter: semicolon
            unfold: {columns: 'Fee \((\d+)\)', name: Year, value: Rate}
            key: [Type, Year]
            match: [Type, {column: At, extract: '\d{4}'}]
        agent: {name: Agent, unknown: create}
        fields:
          id: Id
          started_at: {column: At, format: m/d/yyyy h:mm}
          charge:
            product: [{column: Sec, as: duration, in: min}, {column: rates.Rate, extract: '[\d.]+'}]
            when: {column: Lost, is: 0}
        """,
        file,
        tables={"rates": rates},
    )
    assert legs("charge") == [(Decimal("0.17733333"),), (Decimal("0.18200000"),), (None,), (None,)]


def test_a_dry_run_writes_nothing_and_counts_the_same(tmp_path):
    file = written(tmp_path / "c.csv", "Id,Agent,At,Q\n1,Ada,2024-07-01 10:00,Sales\n2,Bo,2024-07-01 10:00,Care\n")
    mapping = """
        source: c
        time_zone: UTC
        agent: {name: Agent, unknown: create}
        fields: {id: Id, started_at: At, queue: Q}
        """
    run = imported(mapping, file, dry_run=True)
    assert (counts(run), run.people_created) == ((2, 0, 0, 0, 0), 2)
    assert [model.objects.count() for model in (Leg, User, Queue, Touch, Division)] == [0] * 5
    assert counts(imported(mapping, file)) == (2, 0, 0, 0, 0)
    assert counts(imported(mapping, file, dry_run=True)) == (0, 0, 2, 0, 0)


def test_local_times_follow_the_zone_on_both_sides_of_a_change(tmp_path):
    zone = zoneinfo.ZoneInfo("America/New_York")
    hours = [dt.datetime(2024, 11, 3, hour, 15) for hour in range(24)]  # noqa: DTZ001 - local times
    rows = "".join(f"{hour.hour},Ada,{hour:%Y-%m-%d %H:%M}\n" for hour in hours)
    file = written(tmp_path / "c.csv", "Id,Agent,At\n" + rows)
    imported(
        "source: c\ntime_zone: America/New_York\nagent: {name: Agent, unknown: create}\n"
        "fields: {id: Id, started_at: At}",
        file,
    )
    found = dict(legs("external_id", "started_at"))
    assert found == {str(hour.hour): hour.replace(tzinfo=zone).astimezone(dt.UTC) for hour in hours}


@pytest.mark.parametrize(
    "text",
    [
        "Id\tAgent\tStart\nr1\t1\tAda\t2024-09-30 10:00\nr2\t2\tBo\t2024-09-30 11:00\n",  # the first column has no name
        "sep=;\nId;Agent;Start\n1;Ada;2024-09-30 10:00\n2;Bo;2024-09-30 11:00\n",  # as Excel wants to be told
        "\n\nId,Agent,Start,,\n1,Ada,2024-09-30 10:00\n2,Bo,2024-09-30 11:00\n",  # names end in empty cells
        "Id,Agent,Start\n1,Ada,2024-09-30 10:00,,\n2,Bo,2024-09-30 11:00,\n",  # rows end in empty cells
        'Id, "Agent", "Start"\n1, "Ada", "2024-09-30 10:00"\n2, "Bo", "2024-09-30 11:00"\n',  # blanks before quotes
        "Id,Agent,Start\r1,Ada,2024-09-30 10:00\r2,Bo,2024-09-30 11:00",  # ends of lines of an old Mac
        "Id|Agent|Start\r\n1|Ada|2024-09-30 10:00\r\n\r\n2|Bo|2024-09-30 11:00\r\n||\r\n",
    ],
)
def test_files_that_are_a_little_off_are_read_all_the_same(tmp_path, text):
    run = imported(
        "source: off\ntime_zone: UTC\nagent: {name: Agent, unknown: create}\nfields: {id: Id, started_at: Start}",
        written(tmp_path / "off.txt", text),
    )
    assert (counts(run), issues(run)) == ((2, 0, 0, 0, 0), [])
    assert legs("external_id", "agent__name") == [("1", "Ada"), ("2", "Bo")]


def test_people_who_would_clash_are_not_made(tmp_path):
    User.objects.create_user("ada@example.com", name="Ada", external_id="17")
    file = written(
        tmp_path / "m.csv",
        "Id,Who,No,Mail,At\n1,Bo,17,bo@example.com,2024-07-01 10:00\n2,Cy,18,ADA@example.com,2024-07-01 10:00\n"
        "3,Di,19,nowhere,2024-07-01 10:00\n4,Ed," + "9" * 121 + ",,2024-07-01 10:00\n5,Flo,20,,2024-07-01 10:00\n",
    )
    run = imported(
        """
        source: m
        time_zone: UTC
        agent: {name: Who, id: No, email: Mail, match: name, unknown: create}
        fields: {id: Id, started_at: At}
        """,
        file,
    )
    assert [(line, reason) for line, _, reason in issues(run)] == [
        (2, "this id belongs to someone of another name; say `match:` to find them by it"),
        (3, "this email belongs to someone of another name; say `match:` to find them by it"),
        (4, "is no e-mail address"),
        (5, "is longer than 120 characters"),
    ]
    assert legs("agent__name") == [("Flo",)]


def test_a_table_may_be_another_sheet_of_the_same_workbook(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "all.xlsx"))
    for name, rows in (
        ("Calls", [["Id", "Emp", "At"], [1, 7, "2024-07-01 10:00"]]),
        ("Staff", [["No", "Name"], [7, "Ada"]]),
    ):
        page = book.add_worksheet(name)
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    book.close()
    imported(
        """
        source: one-book
        time_zone: UTC
        tables: {staff: {file: all.xlsx, sheet: Staff, key: No, match: Emp}}
        agent: {id: Emp, name: staff.Name, unknown: create}
        fields: {id: Id, started_at: At}
        """,
        tmp_path / "all.xlsx",
    )
    assert legs("external_id", "agent__external_id", "agent__name") == [("1", "7", "Ada")]


def test_someone_who_moved_has_the_zone_of_the_division_of_the_day(tmp_path):
    berlin = Division.objects.create(name="Berlin", time_zone="Europe/Berlin")
    tokyo = Division.objects.create(name="Tokyo", time_zone="Asia/Tokyo")
    ada = User.objects.create_user(name="Ada")
    ada.division_assignments.create(division=berlin, from_on=dt.date(2024, 1, 1))
    ada.division_assignments.create(division=tokyo, from_on=dt.date(2024, 7, 1))
    file = written(
        tmp_path / "moved.csv",
        "Id,Agent,At\n"
        "1,Ada,2024-06-30 23:30\n2,Ada,2024-07-01 09:30\n3,Ada,2024-06-30T20:30:00Z\n4,Bo,2024-06-30 23:30\n",
    )
    imported("source: m\nagent: {name: Agent, unknown: create}\nfields: {id: Id, started_at: At}", file)
    assert legs("started_at", "workday") == [
        (utc(2024, 6, 30, 21, 30), dt.date(2024, 6, 30)),
        (utc(2024, 7, 1, 0, 30), dt.date(2024, 7, 1)),
        (utc(2024, 6, 30, 20, 30), dt.date(2024, 6, 30)),
        (utc(2024, 6, 30, 23, 30), dt.date(2024, 6, 30)),
    ]


def test_known_people_keep_their_division_and_team_and_others_get_those_of_the_file(tmp_path):
    oslo = Division.objects.create(name="Oslo", time_zone="Europe/Oslo")
    ada, bo = User.objects.create_user(name="Ada"), User.objects.create_user(name="Bo")
    ada.division_assignments.create(division=oslo)
    file = written(
        tmp_path / "c.csv", "Id,Agent,At,Site,Boss\n1,Ada,2024-07-01 10:00,Rome,Cy\n2,Bo,2024-07-02 10:00,Rome,Cy\n"
    )
    imported(
        """
        source: c
        agent: {name: Agent, unknown: create, division: Site, team: Boss, lead: Boss}
        divisions: {Rome: Europe/Rome}
        fields: {id: Id, started_at: At}
        """,
        file,
    )
    assert [person.division_assignments.get().division.name for person in (ada, bo)] == ["Oslo", "Rome"]
    assert bo.team_memberships.get().from_on == dt.date(2024, 7, 1)
    assert {(team.name, team.division.name) for team in Team.objects.select_related("division")} == {
        ("Cy", "Oslo"), ("Cy", "Rome"),
    }  # fmt: skip
    assert legs("started_at") == [(utc(2024, 7, 1, 8),), (utc(2024, 7, 2, 8),)]
