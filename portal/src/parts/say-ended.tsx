import { Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { catalogue } from '../i18n/catalogue.ts';
import { router } from '../router.ts';

/** Says that a delegation has ended, with the way to everything that ended with it. */
export function sayEnded(message: string, delegationId: string): void {
  const href = `/delegations/${delegationId}/receipt`;
  const id = notifications.show({
    message: (
      <Stack gap={2} align="flex-start">
        <Text size="sm">{message}</Text>
        {/* outside the router's tree, so it is led there by hand */}
        <a
          href={href}
          onClick={(event) => {
            event.preventDefault();
            notifications.hide(id);
            void router.navigate({ href });
          }}
        >
          {catalogue.t('receipt.see')}
        </a>
      </Stack>
    ),
    color: 'teal.9',
    autoClose: 10_000,
    closeButtonProps: { 'aria-label': catalogue.t('action.dismiss') },
  });
}
