import { Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import { forwardRef } from 'react';

/** A link that looks like a button: goes somewhere, changes nothing. */
export const LinkButton = createLink(
  forwardRef<HTMLAnchorElement, Omit<ButtonProps, 'href'>>((props, ref) => (
    <Button component="a" ref={ref} {...props} />
  )),
);
