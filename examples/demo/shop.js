/** A page in two versions: what its developers changed is what breaks the selectors of others. */
import { createServer } from 'node:http';

const page = (nav, form) => `<!doctype html><title>Shop</title>
<nav>${nav}</nav>
<main><input data-testid="query" placeholder="Search"><ul>${'<li class="product">A thing</li>'.repeat(3)}</ul>${form}</main>`;

export const VERSIONS = {
  // Everything is where the selectors look for it.
  1: page(
    '<a class="nav-link" data-testid="home">Home</a><a class="nav-link" data-testid="cart">Cart</a>',
    '<button class="coupon">Apply coupon</button><button class="primary" data-testid="submit">Place order</button>',
  ),
  // The submit button lost its test id, the second thing in the bar is another one now, and coupons are gone.
  2: page(
    '<a class="nav-link" data-testid="home">Home</a><button class="theme-switch" role="switch">Dark</button><a class="nav-link" data-testid="cart">Cart</a>',
    '<button class="primary">Place order</button>',
  ),
};

/** Serves `/1` and `/2` on loopback. */
export async function shop() {
  const server = createServer(({ url }, response) => response.setHeader('content-type', 'text/html; charset=utf-8').end(VERSIONS[url.slice(1)] ?? ''));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
