// Keeps a list of people in step: invites whoever is on it and not yet there. Run it with an API key.
const { REMIT_URL = 'http://localhost:4000', REMIT_API_KEY, ORGANIZATION, PEOPLE = '' } = process.env;

async function call(method: string, path: string, body?: object) {
  const response = await fetch(`${REMIT_URL}/api${path}`, {
    method,
    headers: {
      authorization: `Bearer ${REMIT_API_KEY}`,
      ...(body ? { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

const { people } = await call('POST', `/organizations/${ORGANIZATION}/invitations/check`, { text: PEOPLE });
const missing = people.filter((person: { verdict: string }) => person.verdict === 'will-invite');
const invite = missing.map(({ email, name }: { email: string; name?: string }) => ({
  email,
  displayName: name,
}));
if (invite.length > 0) await call('POST', `/organizations/${ORGANIZATION}/invitations`, { people: invite });
console.log(`invited ${invite.length} of ${people.length}`);
