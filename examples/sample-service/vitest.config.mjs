import { defineConfig } from 'vitest/config'

// The files share one set, so one runs after another; a set for each worker is a `provision()` in a set-up file.
export default defineConfig({
  test: { include: ['test/**/*.test.mjs'], globalSetup: 'test/global-setup.mjs', fileParallelism: false },
})
