import { Button, type ButtonProps, Group, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconMinus, IconPlus } from '@tabler/icons-react';
import { lazy, type MouseEvent, type ReactNode, Suspense, useId } from 'react';
import type { Act } from './Why.tsx';

// only where a button is off: its pop-over is no part of the first script
const Why = lazy(() => import('./Why.tsx').then((module) => ({ default: module.Why })));

type Props = Omit<ButtonProps, 'disabled'> & {
  /** why it cannot be used now; false when it can. A button that is off without a reason does not compile. */
  blocked: string | false;
  /** what one would need, where that is why it is off: "Why?" beside it names the link, and who could give it */
  why?: Act | false | undefined;
  onClick?: (event: MouseEvent<HTMLButtonElement>) => void;
  type?: 'button' | 'submit';
  children: ReactNode;
  'aria-label'?: string;
};

/**
 * A button that can be off. It stays in the tab order and says why, by tooltip and description: a `disabled`
 * one is skipped by the keyboard and explains nothing.
 */
export function ActButton({ blocked, why, onClick, children, type = 'button', ...rest }: Props): ReactNode {
  const id = useId();
  if (blocked === false) {
    return (
      <Button {...rest} type={type} {...(onClick ? { onClick } : {})}>
        {children}
      </Button>
    );
  }
  const off = (
    <>
      <Tooltip label={blocked}>
        <Button
          {...rest}
          type="button"
          data-disabled
          aria-disabled="true"
          aria-describedby={id}
          onClick={(event) => event.preventDefault()}
        >
          {children}
        </Button>
      </Tooltip>
      <VisuallyHidden id={id}>{blocked}</VisuallyHidden>
    </>
  );
  if (!why) return off;
  return (
    <Group gap={4} wrap="nowrap">
      {off}
      <Suspense>
        <Why
          question={{ about: 'act', ...why }}
          label={rest['aria-label'] ?? (typeof children === 'string' ? children : blocked)}
        />
      </Suspense>
    </Group>
  );
}

/** Giving: filled, green, plus. */
export function GiveButton(props: Props): ReactNode {
  return <ActButton color="teal.9" leftSection={<IconPlus size={16} aria-hidden />} {...props} />;
}

/** Taking away: outlined, red, minus. */
export function TakeButton(props: Props): ReactNode {
  return (
    <ActButton color="red" variant="outline" leftSection={<IconMinus size={16} aria-hidden />} {...props} />
  );
}
