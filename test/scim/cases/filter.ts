import type { JsonObject } from '../../../src/enrolment/scim/protocol/json.ts';
import { barbara, type Case, tourGuides, wrong } from './case.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const about =
  (quote: string, given: JsonObject = barbara, section = '7644 3.4.2.2') =>
  (filter: string, expect: boolean | string): Case => ({
    section,
    quote,
    given,
    request: { filter },
    expect: typeof expect === 'string' ? wrong(expect) : expect,
  });

const names = about('Attribute names and attribute operators used in filters are case insensitive');
const eq = about('The attribute and operator values must be identical for a match');
const ne = about('The attribute and operator values are not identical');
const co = about('The entire operator value must be a substring of the attribute value for a match');
const sw = about('must be a substring of the attribute value, starting at the beginning');
const ew = about('must be a substring of the attribute value, matching at the end');
const pr = about('If the attribute has a non-empty or non-null value');
const gt = about('For string attribute types, this is a lexicographical comparison');
const chronological = about('for DateTime types, it is a chronological comparison');
const refused = about('Boolean and Binary attributes SHALL cause a failed response (HTTP status code 400)');
const and = about('The filter is only a match if both expressions evaluate to true');
const or = about('The filter is a match if either expression evaluates to true');
const not = about('The filter is a match if the expression evaluates to false');
const grouped = about('Boolean expressions MAY be grouped using parentheses');
const order = about('"not" takes precedence over "and", which takes precedence over "or"');
const brackets = about('Complex attribute filter grouping');
const several = about('only one has to match for the entire User to match');
const urn = about(
  'SHOULD fully qualify extended attributes with the associated schema extension URN',
  barbara,
  '7644 3.10',
);
const json = about('rules from JSON (RFC 7159)');
const exact = about(
  'the case sensitivity for String type attributes SHALL be determined by the attribute\'s "caseExact" characteristic',
);
const malformed = about(
  'The specified filter syntax was invalid (does not comply with Figure 1)',
  barbara,
  '7644 3.12',
);
const group = about(
  'the filter matches if any of the values of the specified attribute match the specified criterion',
  tourGuides,
);

export const filterCases: Case[] = [
  names('userName Eq "bjensen@example.com"', true),
  names('Username eq "bjensen@example.com"', true),
  names('USERNAME EQ "bjensen@example.com"', true),
  names('NAME.FAMILYNAME eq "Jensen"', true),
  names('userName PR', true),
  eq('userName eq "bjensen@example.com"', true),
  eq('userName eq "jsmith@example.com"', false),
  eq('name.familyName eq "Jensen"', true),
  eq('name.familyName eq "Jens"', false),
  eq('active eq true', true),
  eq('active eq false', false),
  eq('title eq null', false),
  eq('preferredLanguage eq null', true),
  ne('title ne "Manager"', true),
  ne('title ne "Tour Guide"', false),
  ne('preferredLanguage ne "en"', true),
  ne('title ne null', true),
  co('name.familyName co "ens"', true),
  co('name.familyName co "xyz"', false),
  co('name.familyName co "%"', false),
  co('userName co "_"', false),
  sw('userName sw "bj"', true),
  sw('userName sw "jensen"', false),
  sw('title sw "Tour Guide"', true),
  ew('userName ew "example.com"', true),
  ew('userName ew "example"', false),
  pr('title pr', true),
  pr('preferredLanguage pr', false),
  pr('name pr', true),
  pr('emails pr', true),
  gt('title gt "Tour"', true),
  gt('title lt "Tour"', false),
  gt('title ge "Tour Guide"', true),
  gt('title le "Tour Guide"', true),
  chronological('meta.lastModified gt "2011-05-13T04:42:34Z"', false),
  chronological('meta.lastModified ge "2011-05-13T04:42:34Z"', true),
  chronological('meta.lastModified lt "2011-05-13T06:42:35+02:00"', true),
  chronological('meta.lastModified eq "2011-05-13T06:42:34+02:00"', true),
  chronological('meta.lastModified gt "yesterday"', 'invalidFilter'),
  chronological('meta.lastModified gt "2011-02-30T00:00:00Z"', 'invalidFilter'),
  refused('active gt false', 'invalidFilter'),
  refused('active ge true', 'invalidFilter'),
  refused('active co "t"', 'invalidFilter'),
  and('title pr and active eq true', true),
  and('title pr and active eq false', false),
  or('title eq "x" or active eq true', true),
  or('title eq "x" or active eq false', false),
  not('not (title eq "x")', true),
  not('not (active eq true)', false),
  not('title pr and not (emails co "example.net")', true),
  grouped('(title eq "x" or title pr) and active eq true', true),
  grouped('(title pr', 'invalidFilter'),
  grouped('((active eq true))', true),
  order('active eq true or title eq "x" and userName eq "y"', true),
  order('(active eq true or title eq "x") and userName eq "y"', false),
  order('not (active eq false) and title eq "x" or userName pr', true),
  brackets('emails[type eq "work" and value co "@example.com"]', true),
  brackets('emails[type eq "home" and value co "@example.com"]', false),
  brackets('emails[type eq "work" and value co "@example.com"] or emails[type eq "x"]', true),
  brackets('emails[not (type eq "work")]', true),
  brackets('emails[type eq "work"', 'invalidFilter'),
  brackets('emails[nosuch eq "work"]', 'invalidFilter'),
  brackets('userName[value eq "x"]', 'invalidFilter'),
  several('emails.value co "jensen.org"', true),
  several('emails co "jensen.org"', true),
  several('emails.type eq "other"', false),
  urn(`${enterprise}:employeeNumber eq "701984"`, true),
  urn(`${enterprise.toUpperCase()}:department sw "tour"`, true),
  urn(`${enterprise}:manager eq "26118915-6090-4610-87e4-49d8ca9f808d"`, true),
  urn(`${enterprise}:manager.displayName co "smith"`, true),
  urn('urn:ietf:params:scim:schemas:core:2.0:User:userName sw "bj"', true),
  urn('urn:example:no:such:User:department pr', 'invalidFilter'),
  json('displayName eq "Babs\\u0020Jensen"', true),
  json('displayName eq "Babs \\"Jensen"', false),
  json("displayName eq 'Babs Jensen'", 'invalidFilter'),
  json('displayName eq "Babs', 'invalidFilter'),
  json('displayName eq "a\\q"', 'invalidFilter'),
  exact('title eq "tour guide"', true),
  exact('externalId eq "701984"', true),
  exact('id eq "2819C223-7F76-453A-919D-413861904646"', false),
  malformed('', 'invalidFilter'),
  malformed('userName', 'invalidFilter'),
  malformed('userName eq', 'invalidFilter'),
  malformed('userName is "x"', 'invalidFilter'),
  malformed('userName eq "x" and', 'invalidFilter'),
  malformed('userName eq "x" title pr', 'invalidFilter'),
  malformed('userName eq 5', 'invalidFilter'),
  malformed('active eq "perhaps"', 'invalidFilter'),
  malformed('name eq "x"', 'invalidFilter'),
  malformed('password sw "a"', 'invalidFilter'),
  group('members.value eq "902c246b-6245-4190-8e05-00816be7344a"', true),
  group('members[value eq "902c246b-6245-4190-8e05-00816be7344a" and type eq "User"]', true),
  group('members.value eq "x"', false),
];
