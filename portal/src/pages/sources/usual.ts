type Make = 'ldap' | 'ad';

/** What kind of entries people usually are. */
export const usualClass: Readonly<Record<Make, string>> = { ldap: 'inetOrgPerson', ad: 'user' };

/** Where the fields of a person usually stand (RFC 2798; Active Directory's own names). Without a key the server's own name of an entry is taken. */
export const usualColumns: Readonly<Record<Make, Readonly<Record<string, string>>>> = {
  ldap: {
    name: 'cn',
    givenName: 'givenName',
    familyName: 'sn',
    email: 'mail',
    title: 'title',
    lineManager: 'manager',
  },
  ad: {
    name: 'displayName',
    givenName: 'givenName',
    familyName: 'sn',
    email: 'mail',
    title: 'title',
    lineManager: 'manager',
  },
};
