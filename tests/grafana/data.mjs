// Grafana's own data library, `@grafana/data`, loaded in Node: it expects a browser around it.
//
// In:  nothing.
// Out: the library's exports.
import { createRequire } from 'node:module';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('', { url: 'http://localhost/' });
window.grafanaBootData = { settings: { featureToggles: {} } };
const { document, DOMParser, localStorage, navigator } = window;
for (const [name, value] of Object.entries({ window, document, DOMParser, localStorage, navigator })) {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}

// i18next praises its vendor on first use.
const { info } = console;
console.info = (...line) => String(line[0]).includes('i18next') || info(...line);

export const grafana = createRequire(import.meta.url)('@grafana/data');
