import type { ReactNode } from 'react';
import type { Permission } from '../../../src/authority/permissions.ts';
import { useMay } from '../api/session.ts';
import { NotAllowed } from './NotAllowed.tsx';
import { Page } from './Page.tsx';

type Props = {
  title: string;
  /** shown to those who may do one of these somewhere */
  needs: readonly [Permission, ...Permission[]];
  /** what everybody else reads who followed a link here: an empty form would only refuse them later */
  notAllowed: string;
  children: ReactNode;
};

/** A page for some. The server decides each act all the same. */
export function AllowedPage({ title, needs, notAllowed, children }: Props): ReactNode {
  const may = useMay();
  if (needs.some(may)) return children;
  return (
    <Page title={title}>
      <NotAllowed permission={needs[0]}>{notAllowed}</NotAllowed>
    </Page>
  );
}
