import { ConnectorError, type ConnectorField, type Session } from './connector.ts';

/**
 * What every session has in common: it does nothing after it was closed or its time was over, closes once, and takes no text that no system
 * can keep (a null, half of a surrogate pair): it would come back as another, and be sent again for ever.
 */
export function closing(session: Session, deadline: AbortSignal): Session {
  let closed: Promise<void> | undefined;
  const open = <Given extends unknown[], T>(call: (...given: Given) => Promise<T>) => {
    return async (...given: Given): Promise<T> => {
      if (closed) throw new ConnectorError('unreachable', 'The connection was closed.');
      if (deadline.aborted) throw new ConnectorError('unreachable', 'Its time was over before it was begun.');
      return await call(...given);
    };
  };
  return {
    test: open(() => session.test()),
    list: open((from?: string) => session.list(from)),
    read: open((id: string) => session.read(id)),
    find: open((correlation: string) => session.find(correlation)),
    create: open(async (wanted) => {
      refuseBroken(wanted);
      return await session.create(wanted);
    }),
    update: open(async (id, change) => {
      refuseBroken(change);
      await session.update(id, change);
    }),
    enable: open((id: string) => session.enable(id)),
    disable: open((id: string) => session.disable(id)),
    delete: open((id: string) => session.delete(id)),
    ensureRole: open(async (name: string) => {
      refuseBroken(name);
      return await session.ensureRole(name);
    }),
    setPassword: open((id, form, value) => session.setPassword(id, form, value)),
    ...(session.bring
      ? {
          bring: open(async (whole) => {
            refuseBroken(whole);
            return await session.bring!(whole);
          }),
        }
      : {}),
    close() {
      closed ??= session.close();
      return closed;
    },
  };
}

function refuseBroken(given: unknown): void {
  if (typeof given === 'string') {
    if (given.includes('\0') || !given.isWellFormed())
      throw new ConnectorError('refused', 'A text holds a character that no system can keep.');
  } else if (typeof given === 'object' && given !== null) Object.values(given).forEach(refuseBroken);
}

/**
 * Refuses values that the target does not have, before anything is sent.
 * @throws {ConnectorError} `bad-settings`
 */
export function refuseUnknown(fields: readonly ConnectorField[], values: object): void {
  const unknown = Object.keys(values).find((key) => !fields.some((field) => field.key === key));
  if (unknown !== undefined)
    throw new ConnectorError(
      'bad-settings',
      `Nothing there is called “${unknown}”: take it out of what is sent.`,
    );
}
