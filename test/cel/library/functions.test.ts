import { describe, expect, it } from 'vitest';
import { Optional, Uint } from '../../../src/cel/value.ts';
import { answer } from '../evaluation.ts';

type Row = [sentence: string, expression: string, value: unknown];

function table(rows: readonly Row[]): void {
  it.each(rows)('%s', (_, expression, value) => {
    expect(answer(expression)).toEqual(value);
  });
}

/** What the value prints as. */
function texts(rows: readonly [sentence: string, expression: string, text: string][]): void {
  it.each(rows)('%s', (_, expression, text) => {
    expect(String(answer(expression))).toBe(text);
  });
}

describe('strings', () => {
  table([
    ['places are code points', '"a😀b".indexOf("b")', 2n],
    ['an empty part stands at the offset, wherever that is', '"abc".indexOf("", 9)', 9n],
    ['an offset past the end finds nothing', '"abc".indexOf("c", 3)', -1n],
    ['a negative one is an error', '"abc".indexOf("c", -1)', 'error: index out of range: -1'],
    ['the last occurrence', '"a😀a😀".lastIndexOf("😀")', 3n],
    ['at or before an offset', '"abcabc".lastIndexOf("c", 4)', 2n],
    ['an empty part last stands at the end', '"abc".lastIndexOf("")', 3n],
    ['the character at the end is empty', '"ab".charAt(2)', ''],
    ['past it is an error', '"ab".charAt(3)', 'error: index out of range: 3'],
    ['a part', '"a😀bc".substring(1, 3)', '😀b'],
    [
      'a part that ends before it begins',
      '"abc".substring(2, 1)',
      'error: invalid substring range. start: 2, end: 1',
    ],
    ['only ASCII changes its case', '"KÅ\u212a".lowerAscii() + "ßa".upperAscii()', 'kÅ\u212aßA'],
    ['Unicode white space is trimmed, a byte order mark is not', '"\u00a0\u0085 a\ufeff ".trim()', 'a\ufeff'],
    ['every occurrence is replaced', '"aaa".replace("a", "bb")', 'bbbbbb'],
    ['or so many', '"aaa".replace("a", "b", 2)', 'bba'],
    ['an empty text stands between all characters', '"a😀".replace("", "-")', '-a-😀-'],
    ['splitting at nothing gives the characters', '"a😀b".split("")', ['a', '😀', 'b']],
    ['a limit leaves the rest together', '"a,b,c".split(",", 2)', ['a', 'b,c']],
    ['a limit of 0 gives nothing', '"a,b".split(",", 0)', []],
    ['joined', '["a", "b"].join("-")', 'a-b'],
    [
      'what is no string does not join',
      '[dyn("a"), dyn(1)].map(x, x).join()',
      'error: join: invalid input: 1',
    ],
    ['quoted as a literal', String.raw`strings.quote("a\n\"é")`, String.raw`"a\n\"é"`],
  ]);
});

describe('string.format', () => {
  table([
    ['texts, numbers and a percent sign', '"%s %d%% %s".format(["a", 5u, 1.5])', 'a 5% 1.5'],
    [
      'lists and maps as literals, keys in order',
      String.raw`"%s".format([dyn({"b": [1.5, b"x"], "a": null})])`,
      String.raw`{"a":null, "b":[1.500000, b"x"]}`,
    ],
    ['durations as text, in lists as calls', '"%s".format([[duration("90s")]])', '[duration("90s")]'],
    ['places', '"%.2f %f".format([3.14159, 1234.5])', '3.14 1,234.500000'],
    ['names of doubles that have no digits', '"%f".format(["-Infinity"])', '-∞'],
    [
      'the precision of %e is the width of the whole',
      '"%.9e|%e".format([0.0/0.0, 1.0])',
      '      NaN|1.000000×10⁰⁰',
    ],
    ['integers in other bases', '"%b %o %x %X".format([-5, 8, 255, 255u])', '-101 10 ff FF'],
    ['texts and bytes in hexadecimal', String.raw`"%x%X".format(["é", b"\xab"])`, 'c3a9AB'],
    ['a bool in binary', '"%b".format([true])', '1'],
    ['a type by its name', '"%s".format([type(1)])', 'int'],
    ['too few arguments', '("%s" + "%s").format(["a"])', 'error: index 1 out of range'],
    ['a percent sign at the end', '("%" + "").format(["a"])', 'error: unexpected end of string'],
    [
      'an unknown clause is named by its first byte',
      '("%" + "é").format([1])',
      'error: could not parse formatting clause: unrecognized formatting clause "Ã"',
    ],
    [
      'an argument of the wrong type',
      '"%d".format([dyn("a")])',
      'error: error during formatting: decimal clause can only be used on integers, was given string',
    ],
    [
      'bytes that are no text',
      String.raw`"%s".format([dyn(b"\xff")])`,
      'error: error during formatting: could not convert argument "invalid UTF-8 in bytes, cannot convert to string" to string',
    ],
    ['a precision of millions', '("%.10000010f" + "").format([1.5])', '%!(NOVERB)'],
  ]);
});

describe('regular expressions', () => {
  table([
    ['match any part', '"foobar".matches("o+b")', true],
    ['are RE2’s: no Unicode in \\s', String.raw`"\u00a0".matches(r"\s")`, false],
    ['anchors are the text’s ends', String.raw`"a\n".matches(r"a$")`, false],
    ['the leftmost match', '"abc 123".find("[0-9]+")', '123'],
    ['no match is an empty text', '"abc".find("z")', ''],
    ['all matches', '"123 abc 456".findAll("[0-9]+")', ['123', '456']],
    ['an empty match right after a match is none', '"aXa".findAll("a|")', ['a', 'a']],
    ['empty matches go by character', '"a😀".findAll("")', ['', '', '']],
    ['at most so many', '"aaa".findAll("a", 2)', ['a', 'a']],
    ['groups may share a name', '"ab".matches("(?P<n>a)(?P<n>b)")', true],
    [
      'a malformed one is an error in Go’s words',
      '"a".matches(user.username + "(")',
      'error: error parsing regexp: missing closing ): `alice(`',
    ],
    [
      'which Kubernetes’ own functions prefix',
      '"a".find(user.username + "[")',
      'error: Illegal regex: error parsing regexp: missing closing ]: `[`',
    ],
  ]);
});

describe('lists', () => {
  table([
    ['sorted, with what cannot be compared passed over', '[1.0, 0.0/0.0, 0.5].isSorted()', true],
    ['the sum of nothing is an int', '[].sum()', 0n],
    ['a sum can overflow', '[9223372036854775807, 1].sum()', 'error: integer overflow'],
    ['the greatest, the first of equal ones', '["b", "a", "b"].max()', 'b'],
    ['of nothing', '[].min()', 'error: min called on empty list'],
    ['NaN is kept where it comes first', '[1.0, 0.0/0.0].max()', 1],
    ['where a value stands, across number types', 'dyn([1, 2, 2]).lastIndexOf(2.0)', 2n],
    ['a slice', '[1, 2, 3].slice(1, 3)', [2n, 3n]],
    ['past the end', '[1].slice(0, 2)', 'error: cannot slice(0, 2), list is length 1'],
    [
      'before the beginning',
      '[1].slice(-1, 1)',
      'error: cannot slice(-1, 1), negative indexes not supported',
    ],
    ['flattened by one level', '[[1], [2, 3]].flatten()', [1n, 2n, 3n]],
    ['by more', '[[[1]], [[2]]].flatten(2)', [1n, 2n]],
    ['what is flat already stays as it is', '[dyn(1)].flatten()', [1n]],
    ['what is no list does not', 'dyn(1).flatten()', 'error: no such overload: int.flatten()'],
    ['by fewer than none', '[[1]].flatten(-1)', 'error: level must be non-negative'],
    ['numbers from 0', 'lists.range(3) + lists.range(-1)', [0n, 1n, 2n]],
    [
      'without repetitions, across number types',
      '[dyn(1), dyn(1.0), dyn(2u), dyn(1u)].distinct()',
      [1n, new Uint(2n)],
    ],
    ['backwards', '[1, 2].reverse()', [2n, 1n]],
    ['in order', '["b", "a"].sort()', ['a', 'b']],
    ['by a key', '["ccc", "a", "bb"].sortBy(s, s.size())', ['a', 'bb', 'ccc']],
    [
      'mixed types have no order',
      '[dyn(1), dyn(1u)].map(x, x).sort()',
      'error: list elements must have the same type',
    ],
    ['the first and the last', '[[1, 2].first(), [].last()]', [new Optional(1n), Optional.none]],
    [
      'as sets',
      'sets.contains([1, 2], [2, 2]) && sets.equivalent([1, 1], [1]) && !sets.intersects([1], [2])',
      true,
    ],
  ]);
});

describe('addresses', () => {
  table([
    ['are compared as numbers', 'ip("::1") == ip("0:0:0:0:0:0:0:1")', true],
    ['are not of another family', 'cidr("0.0.0.0/0").containsIP("::1")', false],
    ['end where their prefix does', 'cidr("10.0.0.0/15").containsIP(ip("10.2.0.0"))', false],
    ['and not before', 'cidr("10.0.0.0/15").containsIP("10.1.255.255")', true],
    ['networks in networks', 'cidr("10.0.0.0/8").containsCIDR("10.1.2.3/16")', true],
    ['not the other way round', 'cidr("10.1.0.0/16").containsCIDR(cidr("10.0.0.0/8"))', false],
    ['a network remembers its host bits', 'cidr("10.1.2.3/8") == cidr("10.0.0.0/8")', false],
    ['until it is masked', 'cidr("10.1.2.3/8").masked() == cidr("10.0.0.0/8")', true],
    ['canonical text', 'ip.isCanonical("2001:db8::1") && !ip.isCanonical("2001:DB8::1")', true],
    ['families', '[ip("1.2.3.4").family(), ip("::").family()]', [4n, 6n]],
    ['of no interface', 'ip("0.0.0.0").isUnspecified() && ip("127.9.9.9").isLoopback()', true],
    [
      'of a link',
      'ip("169.254.1.1").isLinkLocalUnicast() && ip("febf::1").isLinkLocalUnicast() && ip("ff12::1").isLinkLocalMulticast()',
      true,
    ],
    [
      'of the world, private ones included',
      'ip("10.0.0.1").isGlobalUnicast() && !ip("255.255.255.255").isGlobalUnicast() && !ip("ff0e::1").isGlobalUnicast()',
      true,
    ],
    ['no leading zeros', 'isIP("127.0.0.01") || isIP("1.2.3") || isIP("0x7f.0.0.1")', false],
    ['no zones', 'isIP("fe80::1%eth0") || isCIDR("fe80::%eth0/64")', false],
    ['no IPv4 in IPv6', 'isIP("::ffff:1.2.3.4") || isCIDR("::ffff:1.2.3.0/120")', false],
    ['an address of another type is an error', 'dyn(ip("::1")) == "::1"', 'error: no such overload'],
    [
      'an error names what is wrong',
      'ip("1.2.3.4.5")',
      'error: IP Address "1.2.3.4.5" parse error during conversion from string: ParseAddr("1.2.3.4.5"): IPv4 address too long',
    ],
    [
      'and where',
      'ip("1::2::3")',
      'error: IP Address "1::2::3" parse error during conversion from string: ParseAddr("1::2::3"): multiple :: in address (at ":3")',
    ],
    [
      'a network’s twice over',
      'cidr("10.0.0.0/08")',
      'error: network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("10.0.0.0/08"): bad bits after slash: "08"',
    ],
    [
      'Kubernetes loses the error of a text that is no address',
      'cidr("::/0").containsIP("x")',
      'error: no such overload',
    ],
  ]);
  texts([
    ['the longest run of zeros is left out', 'ip("1:0:0:2:0:0:0:3")', '1:0:0:2::3'],
    ['the first of equal ones', 'ip("1:0:0:2:3:0:0:4")', '1::2:3:0:0:4'],
    ['a single zero is written', 'ip("1:0:2:3:4:5:6:7")', '1:0:2:3:4:5:6:7'],
    ['an embedded IPv4 address is not', 'ip("::1.2.3.4")', '::102:304'],
    ['a network with its length', 'cidr("2001:db8::/32").masked()', '2001:db8::/32'],
  ]);
});

describe('URLs', () => {
  table([
    [
      'parts',
      '[url("https://u:p@EX.com:80/a%2Fb?q#f").getHost(), url("HTTPS://x").getScheme()]',
      ['EX.com:80', 'https'],
    ],
    ['an IPv6 host', 'url("https://[::1]:80/").getHostname() + url("https://[::1]:80/").getPort()', '::180'],
    ['the path is escaped', 'url("/path with space/é").getEscapedPath()', '/path%20with%20space/%C3%A9'],
    ['but not what was', 'url("https://x/a%2Fb").getEscapedPath()', '/a%2Fb'],
    [
      'the query’s values by name',
      'url("https://x/?k=a&k=b%20c&z").getQuery() == {"k": ["a", "b c"], "z": [""]}',
      true,
    ],
    ['a semicolon spoils a setting', 'url("https://x/?a;b&c=d").getQuery() == {"c": ["d"]}', true],
    ['equality is of the text written out', 'url("https://a/") == url("https://a")', false],
    ['a relative reference is none', 'isURL("../x") || isURL("foo") || isURL("")', false],
    ['nor are two colons in a host', 'isURL("http://a:1:2/")', false],
    ['nor IPv4 in brackets', 'isURL("https://[1.2.3.4]/") || isURL("https://[v1.x]/")', false],
    [
      'an error names the part',
      'url("https://ex%41mple.com/")',
      'error: URL parse error during conversion from string: parse "https://ex%41mple.com/": invalid URL escape "%41"',
    ],
    [
      'the host',
      'url("https://a b/")',
      'error: URL parse error during conversion from string: parse "https://a b/": invalid character " " in host name',
    ],
  ]);
  texts([
    ['written out', 'url("HTTP://u:p@x:80/a b?q#f")', 'http://u:p@x:80/a%20b?q#f'],
    ['without what is not there', 'url("https://")', 'https:'],
    ['opaque', 'url("mailto:a@b")', 'mailto:a@b'],
  ]);
});

describe('quantities', () => {
  table([
    [
      'compare across suffixes',
      'quantity("1Ki") == quantity("1024") && quantity("1").isGreaterThan(quantity("999m"))',
      true,
    ],
    ['zero is less than any', 'quantity("0").compareTo(quantity("1n"))', -1n],
    ['as an integer', 'quantity("50k").sub(20).asInteger()', 49_980n],
    ['not with a fraction', 'quantity("1.5").asInteger()', 'error: cannot convert value to integer'],
    ['not past 64 bits', 'quantity("9999999999999999999").isInteger()', false],
    ['as a double', 'quantity("50.703k").asApproximateFloat()', 50_703],
    ['the sign', '[sign(quantity("-5m")), sign(quantity("0"))]', [-1n, 0n]],
    [
      'a computed quantity on the right is none to Kubernetes',
      'quantity("3") == quantity("1").add(2)',
      'error: no such overload',
    ],
    ['on the left it is one', 'quantity("1").add(2) == quantity("3")', true],
    ['a huge exponent compares at once', 'quantity("1e2000000000").isGreaterThan(quantity("1E"))', true],
    ['an unknown suffix', 'quantity("1K")', "error: unable to parse quantity's suffix"],
    [
      'a space',
      'quantity("1 Gi")',
      "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    ['no digits', 'quantity("Ei")', 'error: unable to parse numeric part of quantity'],
  ]);
  texts([
    ['canonical', 'quantity("0.5")', '500m'],
    ['as written where that is canonical', 'quantity("+1")', '+1'],
    ['rounded up to the nano', 'quantity("1.0000000001")', '1000000001n'],
    ['with a binary suffix', 'quantity("2048Ki")', '2Mi'],
    ['without one for a fraction', 'quantity("0.5Ki")', '512'],
    ['the largest binary one', 'quantity("16Ei")', '9223372036854775807'],
    ['with an exponent', 'quantity("1.5e3")', '1500'],
    ['a sum in the first one’s format', 'quantity("1Mi").add(quantity("1k"))', '1049576'],
    ['a difference below zero', 'quantity("1k").sub(2000)', '-1k'],
  ]);
});

describe('semantic versions', () => {
  table([
    ['numbers', '[semver("1.2.3").major(), semver("1.2.3").minor(), semver("1.2.3").patch()]', [1n, 2n, 3n]],
    ['a release comes after what precedes it', 'semver("1.0.0").isGreaterThan(semver("1.0.0-rc.1"))', true],
    [
      'numbers before words, fewer before more',
      'semver("1.0.0-1").isLessThan(semver("1.0.0-a")) && semver("1.0.0-a").isLessThan(semver("1.0.0-a.0"))',
      true,
    ],
    ['build metadata does not count', 'semver("1.0.0+a") == semver("1.0.0+b")', true],
    ['loosely', 'semver("v01.2", true) == semver("1.2.0")', true],
    ['leading zeros', 'semver("01.2.3")', 'error: Major number must not contain leading zeroes "01"'],
    ['too few numbers', 'semver("1.2")', 'error: No Major.Minor.Patch elements found'],
    [
      'too large a number',
      'semver("1.2.18446744073709551616")',
      'error: strconv.ParseUint: parsing "18446744073709551616": value out of range',
    ],
    ['an empty prerelease', 'semver("1.2.3-")', 'error: Prerelease is empty'],
    ['a short version with a prerelease', 'isSemver("1.2-a", true)', false],
  ]);
});

describe('named formats', () => {
  table([
    ['say nothing of what is right', 'format.dns1123Label().validate("my-label")', Optional.none],
    ['and what is wrong else', 'format.dns1123Label().validate("a.b").value()', ['must not contain dots']],
    [
      'each fault on its own',
      'format.dns1035Label().validate("A" + "a".replace("a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")).value().size()',
      2n,
    ],
    ['a prefix may end with a dash', 'format.dns1123LabelPrefix().validate("my-").hasValue()', false],
    [
      'a qualified name has a prefix or none',
      'format.qualifiedName().validate("example.com/a_B.c").hasValue() || format.qualifiedName().validate("a").hasValue()',
      false,
    ],
    ['but not two', 'format.qualifiedName().validate("a/b/c").hasValue()', true],
    ['a label’s value may be empty', 'format.labelValue().validate("").hasValue()', false],
    [
      'UUIDs of any case, with dashes or none',
      'format.uuid().validate("123E4567e89b12d3a456426614174000").hasValue()',
      false,
    ],
    ['base64 is padded', 'format.byte().validate("aGVsbG8").value()', ['invalid base64']],
    ['days exist', 'format.date().validate("2021-02-29").value()', ['invalid date']],
    [
      'times of day are not looked at beyond their seconds',
      'format.datetime().validate("2021-01-01T00:00:00Ztea").hasValue()',
      false,
    ],
    ['but hours are', 'format.datetime().validate("2021-01-01T24:00:00Z").value()', ['invalid datetime']],
    ['URIs in Go’s words', 'format.uri().validate("foo").value()', ['parse "foo": invalid URI for request']],
    [
      'are found by name',
      'format.named("uuid").value() == format.uuid() && !format.named("UUID").hasValue()',
      true,
    ],
  ]);
});

describe('time', () => {
  table([
    ['getters count in UTC', 'timestamp("2020-03-01T23:34:56+05:30").getHours()', 18n],
    [
      'months, days of the month and of the year from 0',
      '[timestamp("2020-03-01T00:00:00Z")].map(t, [t.getMonth(), t.getDayOfMonth(), t.getDayOfYear(), t.getDate()])',
      [[2n, 0n, 60n, 1n]],
    ],
    ['Sunday is 0', 'timestamp("2020-03-01T00:00:00Z").getDayOfWeek()', 0n],
    ['in a zone by name', 'timestamp("2020-07-01T12:34:56Z").getHours("America/New_York")', 8n],
    ['before zones were', 'timestamp("1800-01-01T12:00:00Z").getSeconds("America/New_York")', 58n],
    ['in year 0', 'timestamp("0001-01-01T00:00:00Z").getFullYear("America/New_York")', 0n],
    ['at an offset', 'timestamp("2020-03-01T12:34:56Z").getMinutes("-05:45")', 49n],
    [
      'names are exact',
      'timestamp(0).getHours("america/new_york")',
      'error: unknown time zone america/new_york',
    ],
    ['and no paths', 'timestamp(0).getHours("../UTC")', 'error: time: invalid location name'],
    [
      'an offset without a number',
      'timestamp(0).getHours("+aa:00")',
      'error: strconv.Atoi: parsing "+aa": invalid syntax',
    ],
    ['any offset goes', 'timestamp(0).getHours("+99:00")', 3n],
    ['milliseconds', 'timestamp("2020-01-01T00:00:00.789Z").getMilliseconds("Asia/Tokyo")', 789n],
    ['whole hours of a duration', 'duration("-90m").getHours()', -1n],
    ['and milliseconds of all of it', 'duration("1.5s").getMilliseconds()', 1500n],
  ]);
});

describe('conversions', () => {
  table([
    ['a double to an int goes towards zero', 'int(-1.9)', -1n],
    ['and not to the least', '[-9223372036854775808.0].map(x, int(x))[0]', 'error: integer overflow'],
    ['a text that is no int', 'int(user.username)', "error: type conversion error from 'string' to 'int'"],
    ['a timestamp to seconds', 'int(timestamp("1969-12-31T23:59:59.5Z"))', -1n],
    ['a duration to nanoseconds', 'int(duration("1us"))', 1000n],
    ['a negative int to a uint', '[-1].map(x, uint(x))[0]', 'error: unsigned integer overflow'],
    ['an int to the nearest double', 'double(9007199254740993)', 9_007_199_254_740_992],
    [
      'a timestamp to text keeps its offset',
      'string(timestamp("2020-01-01T00:00:00+05:30"))',
      '2020-01-01T00:00:00+05:30',
    ],
    [
      'and so does a sum',
      'string(timestamp("2020-01-01T00:00:00+05:30") + duration("1s"))',
      '2020-01-01T00:00:01+05:30',
    ],
    ['a duration to seconds', 'string(duration("1h1ms"))', '3600.001s'],
    [
      'bytes that are no text',
      String.raw`[b"\xff"].map(x, string(x))[0]`,
      'error: invalid UTF-8 in bytes, cannot convert to string',
    ],
    ['text to bytes', 'bytes("é")', Buffer.from('é')],
    ['seconds past the last year', '[253402300800].map(x, timestamp(x))[0]', 'error: timestamp overflow'],
    [
      'an int to a duration',
      '[1].map(x, duration(x))[0]',
      "error: type conversion error from 'int' to 'google.protobuf.Duration'",
    ],
  ]);
});
