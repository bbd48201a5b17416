import { describe, expect, it } from 'vitest';
import { Occupancy } from '../../scripts/demo/occupancy.ts';

/** Two tasks: one runs, parks and runs again; the other waits in the queue behind it. */
function twoTasks(): Occupancy {
  const occupancy = new Occupancy(['Shop', 'Payroll']);
  occupancy.note(0, ['slot', 'queued']);
  occupancy.note(2000, ['parked', 'slot']);
  occupancy.note(6000, ['slot', 'slot']);
  occupancy.note(8000, ['none', 'none']);
  return occupancy;
}

describe('the picture of slots over time', () => {
  it('shows when each task used a slot, waited for one, or was parked', () => {
    expect(twoTasks().picture(8)).toEqual([
      'Shop       |██····██|',
      'Payroll    |░░██████|',
      'slots used |11111122|',
    ]);
  });

  it('hides no slot in a column that covers several moments', () => {
    expect(twoTasks().picture(1)).toEqual(['Shop       |█|', 'Payroll    |█|', 'slots used |2|']);
  });

  it('adds up how long tasks were in a state', () => {
    const occupancy = twoTasks();
    expect(['slot', 'parked', 'queued'].map((each) => occupancy.secondsOf(each as 'slot'))).toEqual([
      10, 4, 2,
    ]);
  });

  it('is empty without samples', () => {
    expect(new Occupancy(['Shop']).picture(3)).toEqual(['Shop       ||', 'slots used ||']);
  });
});
