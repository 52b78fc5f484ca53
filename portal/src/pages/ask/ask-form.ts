/** What each of the short forms is told: where it is about, and what to do when it was sent. */
export type AskFormProps = {
  at: { id: string; name: string } | undefined;
  whom: { membershipId: string; displayName: string } | undefined;
  permission: string | undefined;
  onSent: (asked: Sent) => void;
};
export type Sent = { requestId: string; wantsAttachment: boolean };
