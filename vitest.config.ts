import { defineConfig } from 'vitest/config';

const config: ReturnType<typeof defineConfig> = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    // Long enough for a machine that others use, too.
    expect: { poll: { timeout: 20_000, interval: 20 } },
    maxWorkers: 2,
    coverage: { provider: 'v8', include: ['src/**'] },
  },
});

export default config;
