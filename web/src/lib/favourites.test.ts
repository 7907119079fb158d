import { describe, expect, it } from 'vitest';
import { readFavourites } from './favourites.svelte';

describe('stored favourites', () => {
  it('are names, each once', () => {
    expect(readFavourites('["binance:BTCUSDT","binance:BTCUSDT",3,"",null,"x"]')).toEqual(['binance:BTCUSDT', 'x']);
  });

  it('are none where the text is anything else', () => {
    for (const text of [null, '', '{', '{"a":1}', '"x"', '7']) expect(readFavourites(text)).toEqual([]);
  });

  it('do not grow without end', () => {
    const many = JSON.stringify(Array.from({ length: 500 }, (_, at) => `m${at}`));
    expect(readFavourites(many)).toHaveLength(200);
  });
});
