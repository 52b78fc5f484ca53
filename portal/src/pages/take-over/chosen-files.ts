import { parse } from 'papaparse';

/** The six files of a take-over, in the order in which they are read. */
export const fileNames = [
  'organizations.csv',
  'users.csv',
  'memberships.csv',
  'managers.csv',
  'applications.csv',
  'assignments.csv',
] as const;
export type FileName = (typeof fileNames)[number];

export type ChosenFile = {
  /** as it is called on the reader's disk */
  ownName: string;
  /** which of the six it is; undefined: the reader has to say */
  as: FileName | undefined;
  base64: string;
  headings: string[];
};

/** Reads files without judging them: encoding and separator are found out by the server. */
export const readFiles = (files: readonly File[]): Promise<ChosenFile[]> => Promise.all(files.map(readFile));

async function readFile(file: File): Promise<ChosenFile> {
  const [base64, start] = await Promise.all([asBase64(file), file.slice(0, 20_000).text()]);
  const { data } = parse<string[]>(start.replace(/^\ufeff/, ''), { preview: 1 });
  return {
    ownName: file.name,
    as: guess(file.name),
    base64,
    headings: (data[0] ?? []).map((heading) => heading.trim()).filter(Boolean),
  };
}

/** "2026-11 Users (1).csv" is users.csv. */
export function guess(name: string): FileName | undefined {
  const plain = name.toLowerCase();
  return (
    fileNames.find((file) => file === plain) ?? fileNames.find((file) => plain.includes(file.slice(0, -5)))
  );
}

const asBase64 = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^,]*,/, ''));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
