import { TextInput, type TextInputProps } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { type ReactNode, useEffect, useRef, useState } from 'react';

type Props = Omit<TextInputProps, 'value' | 'defaultValue' | 'onChange' | 'type'> & {
  /** from the address */
  value: string | undefined;
  /** a moment after the last letter, without blanks around it; undefined when emptied */
  onSearch: (text: string | undefined) => void;
};

const restMs = 250;

/** A search box whose text stands in the address. Letters typed while the address is being written are not lost. */
export function SearchField({ value, onSearch, ...rest }: Props): ReactNode {
  const [typed, setTyped] = useState(value ?? '');
  const sent = useRef(value);
  const send = useDebouncedCallback((text: string) => {
    sent.current = text.trim() || undefined;
    onSearch(sent.current);
  }, restMs);
  useEffect(() => {
    // changed elsewhere: cleared, or the way back
    if (value === sent.current) return;
    sent.current = value;
    setTyped(value ?? '');
  }, [value]);
  return (
    <TextInput
      {...rest}
      type="search"
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        send(event.currentTarget.value);
      }}
    />
  );
}
