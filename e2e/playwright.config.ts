import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from '@playwright/test'

// The shell without a browser's own windows asks for less than half of the processor's time to show a page.
const installed = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  .flatMap(name => (process.env.PATH ?? '').split(':').map(folder => join(folder, name)))
  .find(existsSync)

// The distribution's own browser: Playwright's would be a download.
const args = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update']

/** These look at libvirt's test driver, at daemons of their own or at nothing: beside them others may run. */
const alone = [
  ...['a11y', 'connections', 'connections-lost', 'detail', 'fault-bad-daemon', 'fault-web-access', 'first-run'],
  ...['first-window', 'forwards', 'images', 'layout', 'machines', 'machines-keyboard', 'machines-scale', 'networks'],
  ...['palette', 'server-restart', 'terminal', 'xml', 'zoom'],
].map(name => `**/${name}.spec.ts`)

export default defineConfig({
  testDir: 'spec',
  outputDir: '../out/test-results',
  globalSetup: './fixture/playwright-setup.ts',
  // Two cores. In Electron each window is a browser of its own.
  workers: process.env.VIREO_SHELL === 'electron' ? 1 : 2,
  projects: [
    // Emulated guests slow each other down, and one host has one LXD, one user list, and one line to each guest's agent: whoever
    // looks at all machines takes it from the others.
    { name: 'machines', testIgnore: alone, workers: 1 },
    { name: 'window', testMatch: alone },
  ],
  timeout: 60_000,
  // Two workers and their guests share two cores: what comes late has come.
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  // Emulated guests share two cores with the browser there, and each one that starts changes the network under Chromium.
  retries: process.env.CI ? 1 : 0,
  use: {
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    // Recording every picture of the window costs as much as drawing it: in CI only what failed once is recorded.
    trace: process.env.CI ? 'on-first-retry' : 'retain-on-failure',
    screenshot: 'only-on-failure',
    // The processor draws every step of every animation.
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      // Chromium refuses its sandbox to root; only tests may do without.
      chromiumSandbox: process.getuid?.() !== 0,
      args: [...args, '--disable-sync', '--disable-gpu'],
      ...(installed && { executablePath: installed }),
    },
  },
})
