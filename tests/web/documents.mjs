// SPDX-License-Identifier: GPL-2.0-or-later
// Documents made for the page's tests. They share the invented word "quillfeather", so that what a search finds does
// not depend on the sample news; their dates lie before all of it.

const COUNT = 23;

function numbered(number) {
  const month = String(1 + (number % 6)).padStart(2, "0");
  const day = String(1 + number).padStart(2, "0");
  return {
    id: `page-${number}`,
    title: `Quillfeather report number ${number}`,
    body:
      `The quillfeather was seen again on the northern shore. Observers counted ${number + 40} of them before noon.\n\n` +
      "A second paragraph tells what the harbour master thought of it. He thought little of it.",
    url: `https://example.org/quillfeather/${number}`,
    source: number < 15 ? "Test Alpha" : "Test Beta",
    section: number % 2 === 0 ? "nature" : "coast",
    author: ["Ada Example"],
    tags: ["birds", `tag-${number % 12}`],
    language: "en",
    published: `2001-${month}-${day}T10:30:00Z`,
  };
}

export const NASTY_TITLE =
  '<script>window.hurt = 1</script><img src=x onerror="window.hurt = 2"> wobblegate & "co"';

const UNBROKEN = "unbroken".repeat(40);

const special = [
  {
    id: "page-long",
    title: `longwords ${UNBROKEN}`,
    summary: UNBROKEN,
    body: `longwords ${UNBROKEN}\n\n${UNBROKEN}`,
    url: `https://example.org/${UNBROKEN}`,
    source: UNBROKEN.slice(0, 200),
    author: [UNBROKEN.slice(0, 200), UNBROKEN.slice(8, 150)],
    tags: [UNBROKEN.slice(0, 150)],
    section: UNBROKEN.slice(0, 120),
    places: [UNBROKEN.slice(0, 130)],
    language: "en",
    published: "2001-01-01T13:00:00Z",
  },
  {
    id: "page-far",
    title: "A long way down",
    body: `${"Nothing of note happened on this day either.\n\n".repeat(80)}Then the farawaymark came.\n\n${"And nothing more.\n\n".repeat(40)}`,
    source: "Test Alpha",
    language: "en",
    published: "2001-01-01T14:00:00Z",
  },
  {
    id: "page-japanese-long",
    title: "zindlelong 北の海岸で九日ぶりに渡し船が運航を再開",
    body: "zindlelong " + "今朝、北の海岸で九日ぶりに渡し船が運航を再開し、港には朝早くから大勢の人が集まった".repeat(12) + "。",
    source: "海岸通信",
    language: "ja",
    published: "2001-01-03T13:00:00Z",
  },
  {
    id: "page-nasty",
    title: NASTY_TITLE,
    body: 'wobblegate <b onclick="window.hurt = 3">bold</b> </mark><mark> &lt;i&gt; <svg/onload=window.hurt=4>',
    url: "javascript:window.hurt=5",
    source: "<i>Evil</i> Source",
    author: ['"><script>window.hurt = 6</script>'],
    tags: ['"><img src=x onerror=window.hurt=7>'],
    section: "nature",
    language: "en",
    published: "2001-01-01T12:00:00Z",
  },
  {
    id: "page-arabic",
    title: "عودة طائر zindlefinch إلى الشاطئ الشمالي",
    body: "شوهد طائر zindlefinch صباح اليوم على الشاطئ.\n\nوقال الصيادون إنهم سعداء.",
    source: "وكالة الساحل",
    language: "ar",
    section: "nature",
    published: "2001-01-02T12:00:00Z",
  },
  {
    id: "page-japanese",
    title: "北の海岸で zindlefinch を再び確認",
    body: "今朝、北の海岸で zindlefinch が確認された。\n\n漁師たちは喜んでいる。",
    source: "海岸通信",
    language: "ja",
    section: "nature",
    published: "2001-01-03T12:00:00Z",
  },
  {
    id: "page/odd id?%20#é",
    title: "The murkledown has an odd identifier",
    body: "Nothing else is odd about the murkledown.",
    source: "Test Alpha",
    language: "en",
    published: "2001-01-04T12:00:00Z",
  },
  {
    id: "page-lines",
    title: "The plimsole text was wrapped by a machine",
    language: "en",
    source: "Test Alpha",
    author: ["Example, Comma"],
    published: "2001-01-05",
    body: "The first plimsole sentence goes over\ntwo lines and ends here.\nThe second paragraph follows at once\nand ends as well.",
  },
];

// A story that three papers ran, each with a headline and an end of its own.
const SHARED = Array.from({ length: 120 }, (_, n) => `brindlecove${"abcdefghij"[n % 10]}${"klmnopqrst"[Math.floor(n / 10) % 10]}${n > 99 ? "x" : ""}`);
const copies = ["Test Alpha", "Test Beta", "Test Gamma"].map((source, n) => ({
  id: `page-copy-${n}`,
  title: `Brindlecove reopens, says ${source}`,
  body: `${SHARED.join(" ")} brindlecove ending of paper ${["one", "two", "three"][n]}.`,
  source,
  language: "en",
  published: `2001-01-0${6 + n}T12:00:00Z`,
}));

export const ownDocuments = [...Array.from({ length: COUNT }, (_, number) => numbered(number)), ...special, ...copies];
