import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// Where `npm run dev` sends the requests of the page: a `liqlens serve` of your own.
const server = process.env['LIQLENS_SERVER'] ?? 'http://127.0.0.1:7878';

export default defineConfig({
  plugins: [svelte()],
  // The fonts are those of the pictures, beside the code that draws them.
  server: { proxy: { '/v1': { target: server, ws: true } }, fs: { allow: ['..'] } },
  build: {
    target: 'es2022',
    // Everything is a file of its own: the page's content policy allows neither inline scripts nor data URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Licences of what is bundled go along with it.
    license: { fileName: 'licenses.md' },
  },
  // Components are tested through the browser; what is tested here is plain TypeScript and runes.
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
});
