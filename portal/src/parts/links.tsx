import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core';
import { createLink, useRouter } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, ReactNode, Ref } from 'react';

type Html = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'style' | 'color'> & {
  ref?: Ref<HTMLAnchorElement>;
};

function RoutedAnchor(props: AnchorProps & Html): ReactNode {
  return <Anchor {...props} />;
}

function RoutedButton(props: ButtonProps & Html): ReactNode {
  return <Button component="a" {...props} />;
}

/** A link to a page of the portal, in text. `to`, `params` and `search` are checked against the routes. */
export const TextLink = createLink(RoutedAnchor);

/** A link to a path of the portal that the server named. */
export function PathLink({
  path,
  children,
  onFollowed,
  ...rest
}: AnchorProps & { path: string; children: ReactNode; onFollowed?: () => void }): ReactNode {
  const router = useRouter();
  return (
    <Anchor
      {...rest}
      href={path}
      onClick={(event) => {
        // a new tab, a copy of the address: the browser's own way
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        router.navigate({ href: path });
        onFollowed?.();
      }}
    >
      {children}
    </Anchor>
  );
}

/** A link to a page of the portal that looks like a button. */
export const ButtonLink = createLink(RoutedButton);
