import { type FormEvent, useState } from 'react';
import { isProblem, type Problem } from '../api/problem.ts';

type Submit = {
  onSubmit: (event: FormEvent<HTMLFormElement>) => Promise<void>;
  busy: boolean;
  problem: Problem | null;
  clear: () => void;
};

/** A form of plain fields: runs `act` with a reader of its fields, keeps the refusal to show beside the button. */
export function useSubmit(act: (field: (name: string) => string) => Promise<unknown>): Submit {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const onSubmit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      await act((name) => String(form.get(name) ?? ''));
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return { onSubmit, busy, problem, clear: () => setProblem(null) };
}
