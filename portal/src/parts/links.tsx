import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
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

/** A link to a page of the portal that looks like a button. */
export const ButtonLink = createLink(RoutedButton);
