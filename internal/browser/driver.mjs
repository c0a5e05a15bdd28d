// Drives a Chromium for the Go tests: one JSON request a line on stdin, one JSON
// answer a line on stdout, one at a time. What is expected is said in the tests;
// here is only what a person can do with a browser, and what the browser saw.
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const timeLimit = 15_000; // milliseconds for any one thing

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const failed = (error) => ({ error: error.message.split('\n')[0] });

const browser = await chromium.launch({
  executablePath: process.env.CLERKKIT_CHROMIUM,
  args: [
    // Hosts of tests are this machine, and there are no others: a page that asks
    // for anything else shows in the log as a failed request.
    '--host-resolver-rules=MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
    '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    // The same letters on every machine, as far as it has the fonts.
    '--font-render-hinting=none', '--force-color-profile=srgb', '--hide-scrollbars',
    // Chromium refuses root its sandbox. Everything it opens here is the tests' own.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ],
}).catch((error) => {
  say(failed(error));
  process.exit();
});
say({}); // ready

const tabs = [];

// arrived describes a navigation: each answer on the way, the page's last.
async function arrived(response) {
  const hops = [];
  for (let req = response.request(); req; req = req.redirectedFrom()) {
    const res = await req.response();
    hops.unshift({ method: req.method(), url: req.url(), status: res.status(), header: await res.allHeaders() });
  }
  return { hops };
}

const operations = {
  // tab opens a browser of its own: no cookie of another tab.
  async tab({ dark, width, height }) {
    const context = await browser.newContext({
      colorScheme: dark ? 'dark' : 'light',
      viewport: { width, height },
      ignoreHTTPSErrors: true, // the certificate is httptest's
      locale: 'en-US',
      timezoneId: 'UTC',
    });
    context.setDefaultTimeout(timeLimit);
    const tab = { context, page: await context.newPage(), requests: [], complaints: [] };
    context.on('request', (r) => tab.requests.push(r.url()));
    context.on('requestfailed', (r) => tab.complaints.push(`${r.method()} ${r.url().split('?')[0]}: ${r.failure().errorText}`));
    context.on('weberror', (e) => tab.complaints.push(String(e.error())));
    context.on('console', (m) => {
      if (m.type() === 'error' || m.type() === 'warning') {
        tab.complaints.push(`${m.type()}: ${m.text()} (${m.location().url})`);
      }
    });
    return { tab: tabs.push(tab) - 1 };
  },

  async open({ page }, { url }) {
    return arrived(await page.goto(url));
  },

  // press clicks the link or button of that name, which leads to another page.
  async press({ page }, { name }) {
    const target = page.getByRole('link', { name, exact: true }).or(page.getByRole('button', { name, exact: true }));
    const [response] = await Promise.all([page.waitForNavigation(), target.click()]);
    return arrived(response);
  },

  async fill({ page }, { label, text }) {
    await page.getByLabel(label, { exact: true }).fill(text);
    return {};
  },

  // read is what stands on the page, as a person sees it.
  async read({ page }) {
    return {
      url: page.url(),
      title: await page.title(),
      heading: await page.locator('h1').innerText(),
      text: await page.locator('body').innerText(),
      rows: await page.locator('tr').evaluateAll((rows) => rows.map((r) => [...r.cells].map((c) => c.innerText))),
    };
  },

  async cookies({ context }) {
    return { cookies: await context.cookies() };
  },

  async forget({ context }, { cookie }) {
    await context.clearCookies({ name: new RegExp(`^${cookie}(_|$)`) });
    return {};
  },

  // width is by how many pixels the page is wider than the window.
  async overflow({ page }) {
    return { overflow: await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth) };
  },

  async screenshot({ page }, { path }) {
    await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
    return {};
  },

  async log({ requests, complaints }) {
    return { requests, complaints };
  },

  async close({ context }) {
    await context.close();
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    const operation = operations[request.do];
    answer = request.do === 'tab' ? await operation(request) : await operation(tabs[request.tab], request);
  } catch (error) {
    answer = failed(error);
  }
  say(answer);
}
await browser.close(); // the tests have closed our stdin, or are gone
