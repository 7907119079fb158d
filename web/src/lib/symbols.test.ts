import { describe, expect, it } from 'vitest';

import type { SymbolRow } from './documents';
import { matching } from './symbols.svelte';

const row = (symbol: string, title: string) => ({ symbol, base: symbol.split('/')[0] ?? '', title, market: title.toLowerCase() }) as SymbolRow;
const rows = [row('WBTC', 'Binance WBTCUSDT'), row('ETH', 'Binance ETHUSDT'), row('BTC', 'Binance BTCUSDT'), row('BTC/USD:BTC', 'Bybit BTCUSD')];
const found = (typed: string) => matching(rows, typed).map((one) => one.symbol);

describe('the search for a market', () => {
  it('puts the name itself first, then what begins with it, then what holds it', () => {
    expect(found('btc')).toEqual(['BTC', 'BTC/USD:BTC', 'WBTC']);
    expect(found(' Bybit')).toEqual(['BTC/USD:BTC']);
  });

  it('shows all for nothing typed, and none for what is nowhere', () => {
    expect(found('')).toHaveLength(4);
    expect(found('doge')).toEqual([]);
  });
});
