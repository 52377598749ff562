import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const novnc = dirname(createRequire(import.meta.url).resolve('@novnc/novnc'))

// How much noVNC writes to the console is decided in a file that its package does not export.
export const alias = { '@novnc/novnc/core/util/logging.js': join(novnc, 'util/logging.js') }

// vite reads the default export: the one place where the tool leaves no choice.
export default defineConfig({
  root: import.meta.dirname,
  publicDir: '../assets',
  plugins: [react()],
  resolve: { alias },
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    // noVNC awaits at top level.
    target: 'es2022',
    sourcemap: true,
    // The page's policy forbids `data:` scripts and fonts.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  // Relative, so that `app://` and any web prefix serve the same files.
  base: './',
})
