import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, in this order: begun last, one of them would keep one core busy while the other has nothing left. */
const longest = [
  'test/model/',
  'test/requests/ends',
  'test/browser/pages',
  'test/browser/story',
  'test/browser/dialogs',
  'test/requests/kills',
  'test/lifecycle/',
  'test/provisioning/',
  'test/connectors/',
  'test/races/',
  'test/probes/outside',
  'test/browser/',
  'test/matrix/',
  'test/probes/',
  'test/operations/',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = longest.findIndex((start) => moduleId.includes(`/${start}`));
      return found < 0 ? longest.length : found;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

// A suite is a folder; test/run.ts runs them together on two workers and counts each by itself.
const suite = (name: string, include: string[], testTimeout = 20_000) => ({
  extends: true as const,
  test: {
    name,
    include,
    exclude: name === 'browser' ? ['node_modules'] : ['node_modules', '**/*.browser.test.ts'],
    testTimeout,
    hookTimeout: 60_000,
    // What comes to be so is waited for as long as a page is: a busy machine is no mistake.
    expect: { poll: { timeout: 10_000 } },
    globalSetup: 'test/harness/global-setup.ts',
    // Thousands of small worlds and answers: they die young where there is room for it.
    ...(name === 'model' ? { execArgv: ['--max-semi-space-size=64'] } : {}),
  },
});

export default defineConfig({
  test: {
    // Two cores are what a small build machine has.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      suite('unit', ['{src,portal,demo,bench,test/harness}/**/*.test.{ts,tsx}']),
      suite('operations', ['test/operations/**/*.test.ts', 'test/story/**/*.api.test.ts'], 60_000),
      suite('races', ['test/races/**/*.test.ts'], 300_000),
      suite('matrix', ['test/matrix/**/*.test.ts'], 300_000),
      suite('probes', ['test/probes/**/*.test.ts'], 300_000),
      suite('model', ['test/model/**/*.test.ts'], 600_000),
      suite('requests', ['test/requests/**/*.test.ts'], 300_000),
      suite('lifecycle', ['test/{lifecycle,provisioning,connectors}/**/*.test.ts'], 120_000),
      suite('scim', ['test/scim/**/*.test.ts'], 60_000),
      suite('house', ['test/house/**/*.test.ts'], 60_000),
      suite('browser', ['test/browser/**/*.test.ts', 'test/**/*.browser.test.ts'], 240_000),
    ],
  },
});
