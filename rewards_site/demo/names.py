"""Names of invented people, by where they could live. `Олена=olena` gives the form for the e-mail address."""

import unicodedata
from random import Random
from typing import NamedTuple


class Name(NamedTuple):
    full: str
    given: str
    handle: str
    """Lower-case ASCII, with a dot between the names."""


class Culture(NamedTuple):
    share: int
    given: str
    family: str
    family_first: bool = False
    """Written before the given name, without a space."""


BERLIN = (
    Culture(
        40,
        "Anna Felix Lena Paul Marie Max Jule Tobias Katrin Björn Sören Greta Matthias Heike Jürgen Frieda Britta",
        "Müller Schmidt Fischer Becker Hoffmann Schäfer Koch Richter Klein Wolf Schröder Neumann Krüger Großmann Vogel",
    ),
    Culture(14, "Emre Elif Murat Zeynep Deniz Can Büşra Ayşe", "Yılmaz Demir Şahin Çelik Yıldız Öztürk Arslan Doğan"),
    Culture(9, "Agnieszka Piotr Małgorzata Łukasz Zofia Jakub", "Kowalczyk Wójcik Nowak Mazur Kaczmarek Wróbel"),
    Culture(
        8,
        "Олена=olena Тарас=taras Ірина=iryna Дмитро=dmytro Оксана=oksana",
        "Шевченко=shevchenko Бондар=bondar Мельник=melnyk Коваленко=kovalenko",
    ),
    Culture(
        6,
        "ليلى=layla عمر=omar نور=nour سامر=samer هدى=huda",
        "حداد=haddad الخطيب=alkhatib منصور=mansour درويش=darwish",
    ),
    Culture(6, "Thu Minh Linh Quang Hạnh", "Nguyễn Trần Phạm Đặng Vũ"),
    Culture(4, "Νίκος=nikos Ελένη=eleni Γιώργος=giorgos", "Παπαδόπουλος=papadopoulos Γεωργίου=georgiou Βλάχος=vlachos"),
    Culture(3, "Giulia Matteo Chiara Davide", "Rossi D'Angelo Bianchi Ferraro"),
    Culture(2, "Inês João Conceição", "Ferreira Gonçalves Simões"),
    Culture(2, "Åsa Søren Maja Håkon", "Lindqvist Østergaard Bergström"),
    Culture(4, "Kwame Amina Chidi Selam", "Mensah Okafor Tesfaye Diallo"),
    Culture(3, "小明=xiaoming 雅婷=yating 健=jian", "王=wang 李=li 陈=chen", family_first=True),
)

BENGALURU = (
    Culture(
        24,
        "Priya Arjun Kavya Rohan Divya Suresh Lakshmi Manjunath Shruti Ganesh Nandini Vikram Pooja Harish Asha Kiran",
        "Rao Gowda Shetty Hegde Murthy Bhat Kulkarni Kamath Prasad Acharya",
    ),
    Culture(
        10,
        "ಅನಿತಾ=anita ಮಂಜುಳಾ=manjula ರವಿ=ravi ಸಂತೋಷ್=santosh",
        "ರಾವ್=rao ಗೌಡ=gowda ಹೆಗಡೆ=hegde ಪಾಟೀಲ್=patil",
    ),
    Culture(14, "Karthik Meena Senthil Revathi Anand Kalpana", "S. R. Subramanian Venkatesan Ramanathan K."),
    Culture(12, "Anjali Jithin Sreeja Biju Lekha Thomas", "Menon Nambiar Kurian Varghese Pillai Kutty"),
    Culture(9, "Venkat Sravani Srinivas Swathi Naveen", "Reddy Naidu Chowdary Rajulu"),
    Culture(
        9,
        "नेहा=neha अमित=amit पूजा=puja राहुल=rahul सुनीता=sunita",
        "शर्मा=sharma वर्मा=verma मिश्रा=mishra यादव=yadav",
    ),
    Culture(7, "Ayesha Imran Farhana Zubair Sana", "Khan Ahmed Pasha Sheikh Syed"),
    Culture(5, "Harpreet Gurpreet Manjit Simran", "Singh Kaur Gill Sandhu"),
    Culture(5, "Debjani Sourav Mitali Anirban", "Chatterjee Banerjee Ghosh Mukherjee"),
    Culture(5, "Tenzin Dolma Pema Lobsang", "Dorjee Wangmo Norbu Tsering"),
)

BOGOTA = (
    Culture(
        62,
        "Camila Andrés Valentina Juan·Pablo Mariana Santiago Natalia Óscar Luisa·Fernanda Julián Yuliana Íngrid"
        " Sebastián Ángela Nicolás Paola Iván Daniela Cristian Yesenia",
        "Rodríguez·Peña Gómez·Ruiz Moreno·Castaño Muñoz·Ávila Quiñones·Mosquera Hernández·Rincón López·Córdoba "
        "Vargas·Niño Jiménez·Ospina Rojas·Beltrán Zúñiga·Palacios Cárdenas·Vélez",
    ),
    Culture(14, "Yorman Génesis Wilmer Rosángela José·Gregorio", "Pérez·Colmenares Urdaneta·Gil Briceño·Márquez"),
    Culture(8, "Yadira Samir Nassim Leila", "Char·Abuchaibe Turbay·Daza Nader·Lacouture"),
    Culture(8, "Arelis Weildler Remedios Kasipoü", "Epiayú·Uriana Ipuana·Pushaina Jusayú·González"),
    Culture(4, "Kenji Hiromi Akemi", "Tanaka·Kuratomi Nakamura·Ortiz"),
    Culture(4, "Wilson Ati Seynawiku", "Torres·Izquierdo Villafañe·Chaparro Mestre·Izquierdo"),
)

_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "ı": "i", "đ": "d", "Đ": "d", "æ": "ae"})


def _handle(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(letter for letter in plain.lower() if letter.isascii() and letter.isalpha())


def _word(word: str) -> tuple[str, str]:
    shown, _, handle = word.partition("=")
    shown = shown.replace("·", " ")
    return shown, handle or _handle(shown)


def _draw(rng: Random, cultures: tuple[Culture, ...]) -> Name:
    culture = rng.choices(cultures, [culture.share for culture in cultures])[0]
    given, given_handle = _word(rng.choice(culture.given.split()))
    family, family_handle = _word(rng.choice(culture.family.split()))
    full = f"{family}{given}" if culture.family_first else f"{given} {family}"
    return Name(full, given, f"{given_handle}.{family_handle}")


def draw_name(rng: Random, cultures: tuple[Culture, ...], *, taken: set[str]) -> Name:
    """A name whose handle is not in `taken`, and adds it. Namesakes, told apart by a number, only in a large crowd."""
    for attempt in range(1000):
        name = _draw(rng, cultures)
        if attempt >= 50:
            name = name._replace(handle=f"{name.handle}{attempt}")
        if name.handle not in taken:
            break
    taken.add(name.handle)
    return name
