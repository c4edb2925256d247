"""The tables of the invented makerspace: every row follows from its place, nothing from chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice, product
from typing import Any, TypeAlias

from app.rules.identity import credit_code_digit, id_number_digit, organisation_digit

Row: TypeAlias = dict[str, Any]
Tables: TypeAlias = dict[str, list[Row]]
Lists: TypeAlias = Mapping[str, Sequence[str]]

TEAMS, COMPANIES = 45, 36
RESIDENT_TEAMS, RESIDENT_COMPANIES, GRADUATED = 40, 30, 4
FROM_TEAM, NEW_TEAMS, NEW_COMPANIES = 11, 14, 5
YEAR = date(2022, 1, 1)
MENTORS, STAFF, EVENTS = 16, 9, 26

CASE_COMPANIES = (
    ("昌吉晾房记果品有限公司", 14, "186"),
    ("昌吉暖舱智能装备有限公司", 9, "243"),
    ("昌吉牧云奶香食品有限公司", 11, "130"),
)
"""Name, staff and revenue (万元) of the companies told of in the cases."""

MONEY = (
    ("company", 1, True, "2022-03-18", "180000", "equity", "3"),
    ("team", 0, True, "2022-05-20", "120000", "convertible", ""),
    ("company", 1, False, "2022-06-30", "1500000", "equity", "12.5"),
    ("company", 3, False, "2022-04-12", "800000", "equity", "8"),
    ("company", 7, False, "2022-07-05", "700000", "equity", "6.4"),
    ("company", 9, False, "2022-11-24", "300000", "debt", ""),
    ("team", 5, False, "2022-09-15", "260000", "equity", "10"),
)
"""Kind and place in T1, own money, day of payment, amount in 元, method, share."""

KINDS_OF_EVENT = ("salon",) * 8 + ("roadshow",) * 5 + ("contest",) + ("training",) * 9 + ("other",) * 3
ROLES = ("host",) * 17 + ("organise",) * 6 + ("assist",) * 3


def code_of(number: int) -> str:
    """Give a well-formed credit code of 昌吉 with an invented organisation part."""
    body = f"MAX{number:05d}"
    front = f"91652301{body}{organisation_digit(body)}"
    return front + credit_code_digit(front)


def person_of(number: int) -> str:
    """Give a well-formed id number of an invented region code and an invented birthday."""
    born = date(1984, 2, 3) + timedelta(days=97 * number)
    front = f"659999{born:%Y%m%d}{number % 1000:03d}"
    return front + id_number_digit(front)


def phone_of(number: int) -> str:
    """Give a phone number of a range that nobody uses."""
    return f"1990000{1000 + number:04d}"


def people(lists: Lists) -> Iterator[str]:
    """Give invented names, two of five in the form 名·名."""
    han = (a + b for b, a in product(lists["given"], lists["surnames"]))
    far = (f"{a}·{b}" for b, a in product(lists["second"], lists["first"]))
    while True:
        yield from islice(han, 3)
        yield from islice(far, 2)


def day(start: date, days: int) -> str:
    """Give the ISO form of a day so many days later."""
    return (start + timedelta(days=days)).isoformat()


def _tenant(number: int, kind: str, place: int, lists: Lists, names: Iterator[str]) -> Row:
    lead = next(names)
    founders = ["student", "scientist", "other", "student", "returnee", "other", "student", "scientist"]
    founder = founders[number % 8] if number % 16 != 12 else "executive"
    land, work = lists["land"], lists["work"]
    name = land[number % len(land)] + work[(number * 7 + number // len(land)) % len(work)]
    row: Row = {
        "kind": kind,
        "name": f"{name}团队" if kind == "team" else f"昌吉{name}科技有限公司",
        "leader": lead,
        "phone": phone_of(number),
        "founder": "foreigner" if number == 40 else founder,
        "minority": "·" in lead,
        "industry": lists["fields"][number % len(lists["fields"])],
        "seat": f"{'ABC'[number % 3]}{number + 1:03d}",
        "proof": "07-01",
    }
    if number % 3 == 0:
        row["id_number"] = person_of(number)
    if kind == "team":
        row["staff"] = 2 + (place * 5) % 4
    else:
        row["staff"] = CASE_COMPANIES[place][1] if place < 3 else 3 + (place * 3) % 6
        if place < 3:
            row["name"] = CASE_COMPANIES[place][0]
    row["college"] = row["staff"] - (number % 3 == 0) - (row["staff"] > 8) * 2
    row["graduates"] = int(number % 2 == 0 and number % 7 != 3)
    return row


def _stay(row: Row, kind: str, place: int) -> None:
    """Set status and dates: who came in the year, who left, whose agreement runs on."""
    resident = place < (RESIDENT_TEAMS if kind == "team" else RESIDENT_COMPANIES)
    fresh = NEW_TEAMS if kind == "team" else NEW_COMPANIES
    last = RESIDENT_TEAMS if kind == "team" else RESIDENT_COMPANIES
    if last - fresh <= place < last:
        joined = YEAR + timedelta(days=20 + (place * 23) % 280)
    elif resident:
        joined = date(2021, 1, 11) + timedelta(days=(place * 19) % 330)
    else:
        joined = date(2020, 3, 2) + timedelta(days=(place * 17) % 200)
    row["joined"] = joined.isoformat()
    row["agreed_from"] = joined.isoformat()
    if resident:
        row |= {"status": "resident", "agreed_to": "2023-12-31"}
        return
    gone = day(date(2022, 2, 21), (place % 7) * 37)
    graduated = kind == "company" and place < RESIDENT_COMPANIES + GRADUATED
    row |= {"status": "graduated" if graduated else "left", "left_on": gone, "agreed_to": gone}


def _company(row: Row, number: int, place: int) -> None:
    """Set what only companies have."""
    own = place < FROM_TEAM
    joined = date.fromisoformat(row["joined"])
    founded = YEAR + timedelta(days=25 + place * 26) if own else joined - timedelta(days=200 + place * 9)
    revenue = (
        Decimal(CASE_COMPANIES[place][2]) if place < 3 else Decimal(38 + (place * 31) % 170) + Decimal("0.6")
    )
    row |= {
        "credit_code": code_of(number + 101),
        "registration": "有限责任公司" if place % 4 else "自然人独资",
        "founded": founded.isoformat(),
        "from_team": own,
        "high_tech": place in (12, 17, 23),
        "tech_small": place % 3 == 0 and place < 27,
        "revenue": str(revenue),
        "profit": str((revenue * Decimal("0.07")).quantize(Decimal("0.01")) - Decimal(place % 5 == 4) * 9),
        "tax": str((revenue * Decimal("0.018")).quantize(Decimal("0.01"))),
        "research": str((revenue * Decimal("0.06")).quantize(Decimal("0.01"))),
    }


def _tenants(lists: Lists, names: Iterator[str], mentors: Sequence[Row]) -> list[Row]:
    rows = []
    for number in range(TEAMS + COMPANIES):
        kind = "team" if number < TEAMS else "company"
        place = number if kind == "team" else number - TEAMS
        row = _tenant(number, kind, place, lists, names)
        _stay(row, kind, place)
        if kind == "company":
            _company(row, number, place)
        if row["status"] == "resident":
            row["mentor"] = mentors[number % MENTORS]["name"]
            row["rights"] = (place * 7) % 5 if kind == "company" else int(place % 3 == 0)
        rows.append(row)
    for kind, place, _own, _day, amount, *_ in MONEY:
        row = rows[place + (TEAMS if kind == "company" else 0)]
        row["invested"] = str(Decimal(row.get("invested", "0")) + Decimal(amount) / 10000)
    return rows


def _staff(lists: Lists, names: Iterator[str]) -> list[Row]:
    rows: list[Row] = []
    for number in range(STAFF):
        trained = number < 6
        row: Row = {
            "name": "李喆" if number == 0 else next(names),
            "gender": "female" if number % 2 else "male",
            "education": ("master", "bachelor", "bachelor", "college")[number % 4] if number < 8 else "other",
            "major": lists["majors"][number],
            "position": lists["positions"][number],
            "employment": "full" if number < 6 else "part",
            "joined": day(date(2017, 3, 1), number * 213),
            "trained": trained,
            "insured": number < 7,
        }
        if trained:
            row["certificate"] = f"演孵培2021第{number + 37:03d}号"
        rows.append(row)
    return rows


def _mentors(lists: Lists, names: Iterator[str]) -> list[Row]:
    kinds = ("entrepreneur", "technical", "advisor", "management", "investor")
    rows = []
    for number in range(MENTORS):
        start = date(2022, 3, 1) if number >= 12 else date(2021, 1, 1)
        rows.append(
            {
                "name": next(names),
                "gender": "female" if number % 3 == 1 else "male",
                "unit": f"{lists['units'][number % len(lists['units'])]}{('顾问', '部门负责人')[number % 2]}",
                "title": ("高级工程师", "副教授", "律师", "会计师")[number % 4],
                "employment": "full" if number < 3 else "part",
                "kind": kinds[number % 5],
                "expertise": lists["talks"][number % len(lists["talks"])],
                "term_from": day(start, number * 7),
                "term_to": day(date(2023, 12, 31), number * 7),
                "times": 7 + (number * 5) % 9,
                "contact": phone_of(300 + number),
                "proof": "06-01",
            }
        )
    return rows


def _events(lists: Lists, mentors: Sequence[Row]) -> list[Row]:
    words = {
        "salon": "沙龙",
        "roadshow": "路演",
        "contest": "创业赛",
        "training": "训练课",
        "other": "开放日",
    }
    rows = []
    for number in range(EVENTS):
        # The spring is full, from August to November there is little
        held = day(date(2022, 1, 13), number * 8 if number < 24 else 316 + (number - 24) * 9)
        kind = KINDS_OF_EVENT[(number * 7) % EVENTS]
        rows.append(
            {
                "held_on": held,
                "title": f"{lists['talks'][number % len(lists['talks'])]}{words[kind]}第{number // 13 + 1}期",
                "kind": kind,
                "place": lists["places"][number % len(lists["places"])],
                "role": ROLES[(number * 5) % EVENTS],
                "organiser": "新疆云杉谷创业服务有限公司",
                "people": 28 + (number * 13) % 37,
                "speaker": mentors[number % MENTORS]["name"],
                "leader": "李喆",
                "link": f"https://yunshangu.example.com/news/{number + 1}",
                "proof": "08-01",
            }
        )
    return rows


def _investments(tenants: Sequence[Row]) -> list[Row]:
    investors = ("北庭演练投资公司", "天北演练创业投资中心", "庭州演练食品集团", "自然人秦子昂")
    rows = []
    for number, (kind, place, own, paid, amount, method, share) in enumerate(MONEY):
        row = {
            "signed_on": day(date.fromisoformat(paid), -21),
            "kind": kind,
            "name": tenants[place + (TEAMS if kind == "company" else 0)]["name"],
            "investor": "新疆云杉谷创业服务有限公司" if own else investors[number % 4],
            "own": own,
            "round": "种子轮" if own else "天使轮",
            "method": method,
            "amount": amount,
            "paid_on": paid,
            "voucher": f"记字第{number + 31}号",
            "confidential": number == 5,
        }
        rows.append(row | ({"share": share} if share else {}))
    return rows


def _rights(tenants: Sequence[Row]) -> list[Row]:
    kinds = ("software", "utility", "software", "design", "invention", "software", "utility", "other")
    words = {
        "software": "管理软件",
        "utility": "装置",
        "design": "包装盒",
        "invention": "方法",
        "other": "商标",
    }
    rows: list[Row] = []
    owners = [row for row in tenants for _ in range(row.get("rights", 0))]
    for number, owner in enumerate([*owners, *tenants[TEAMS : TEAMS + 10]]):
        pending = number >= len(owners)
        kind = "invention" if pending and number % 2 else kinds[number % len(kinds)]
        applied = day(date(2021, 4, 1), (number * 5) % 330) if not pending else day(date(2022, 3, 1), number)
        row = {
            "owner": owner["name"],
            "title": f"{product_word(owner['name'])}{words[kind]}{number + 1}",
            "kind": kind,
            "number": f"演登2022{number + 1:05d}",
            "applied_on": applied,
            "status": "pending" if pending else "valid",
            "proof": "10-01",
        }
        if not pending:
            row["granted_on"] = day(date.fromisoformat(applied), 240)
        rows.append(row)
    return rows


def product_word(name: str) -> str:
    """Give the product word inside a tenant's name."""
    return name.removeprefix("昌吉").removesuffix("有限公司").removesuffix("科技").removesuffix("团队")


def _jobs(tenants: Sequence[Row]) -> list[Row]:
    return [
        {
            "name": row["name"],
            "kind": row["kind"],
            "staff": row["staff"],
            "graduates": row["graduates"],
            "college": row["college"],
            "insured": row["staff"] if row["kind"] == "company" else 0,
            "added": min(row["staff"], 1 + row["graduates"]),
        }
        for row in tenants
    ]


def _cases(content: Mapping[str, Any], tenants: Sequence[Row]) -> list[Row]:
    return [
        {
            "name": tenants[TEAMS + one["number"] - 1]["name"],
            "founder": tenants[TEAMS + one["number"] - 1]["leader"],
            "joined": tenants[TEAMS + one["number"] - 1]["joined"],
            "service": one["service"],
            "problem": one["problem"],
            "result": one["result"],
            "photo": "17-典型案例材料.pdf",
        }
        for one in content["case"]
    ]


def _grown(tenants: Sequence[Row]) -> list[Row]:
    rows = []
    for row in tenants[TEAMS:]:
        if row["status"] != "graduated" and not row["high_tech"]:
            continue
        grown: Row = {
            "name": row["name"],
            "credit_code": row["credit_code"],
            "joined": row["joined"],
            "capital": "100",
            "revenue": row["revenue"],
            "qualification": "高新技术企业" if row["high_tech"] else "科技型中小企业",
        }
        if row["status"] == "graduated":
            grown |= {"graduated": row["left_on"], "destination": "园区标准厂房"}
        rows.append(grown)
    return rows


FUNDS = (
    (
        "2022-05-16",
        "funding",
        "新演财科〔2022〕21号",
        "region",
        "众创空间后补助资金",
        "30",
        "公共服务平台耗材",
    ),
    ("2022-06-28", "funding", "昌演科〔2022〕9号", "prefecture", "创业孵化载体运营补助", "25", "导师和活动"),
    ("2022-10-20", "funding", "昌市演办〔2022〕44号", "county", "返乡创业服务补贴", "10", "流动辅导车"),
    ("2022-04-08", "honour", "新演科函〔2022〕17号", "region", "优秀创业服务团队", "", ""),
    ("2022-12-05", "honour", "昌演人社〔2022〕63号", "prefecture", "青年就业见习基地", "", ""),
)


def _funds() -> list[Row]:
    columns = ("received_on", "kind", "document", "level", "title", "amount", "purpose")
    return [{k: v for k, v in zip(columns, line, strict=True) if v} for line in FUNDS]


def build_tables(content: Mapping[str, Any]) -> Tables:
    """Give all typed tables but the catalogue of proof, rows without ids."""
    lists: Lists = content["lists"]
    names = people(lists)
    mentors = _mentors(lists, names)
    tenants = _tenants(lists, names, mentors)
    return {
        "t1": tenants,
        "t2": _staff(lists, names),
        "t3": mentors,
        "t4": _events(lists, mentors),
        "t5": _investments(tenants),
        "t6": _rights(tenants),
        "t7": _jobs(tenants),
        "t8": _cases(content, tenants),
        "t9": _grown(tenants),
        "t10": _funds(),
    }
