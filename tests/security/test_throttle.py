from pages.web.throttle import BOTH, USER, Throttle


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def wrong(throttle, times, *, user="department", address="10.0.0.1"):
    return [throttle.attempt(user, address) for _ in range(times)]


def test_the_first_wrong_passwords_are_free():
    assert wrong(Throttle(clock=Clock()), BOTH.free) == [0.0] * BOTH.free


def test_then_one_waits_and_waiting_longer_does_not_count():
    clock = Clock()
    throttle = Throttle(clock=clock)
    wrong(throttle, BOTH.free)
    assert throttle.attempt("department", "10.0.0.1") == BOTH.first_wait_s
    clock.now += BOTH.first_wait_s - 1
    assert throttle.attempt("department", "10.0.0.1") == 1.0
    clock.now += 1
    assert throttle.attempt("department", "10.0.0.1") == 0.0


def test_the_wait_doubles_up_to_its_longest():
    clock = Clock()
    throttle = Throttle(clock=clock)
    wrong(throttle, BOTH.free)
    waits = []
    for _ in range(9):
        waits.append(throttle.attempt("department", "10.0.0.1"))
        clock.now += waits[-1]
        assert throttle.attempt("department", "10.0.0.1") == 0.0
    assert waits[:4] == [15, 30, 60, 120]
    assert waits[-1] == BOTH.longest_wait_s


def test_a_right_password_starts_anew():
    throttle = Throttle(clock=Clock())
    for _ in range(10):
        wrong(throttle, BOTH.free)
        throttle.succeed("department", "10.0.0.1")
    assert throttle.attempt("department", "10.0.0.1") == 0.0


def test_guessing_elsewhere_does_not_lock_the_owner_out_at_once():
    throttle = Throttle(clock=Clock())
    wrong(throttle, BOTH.free + 3, address="10.0.0.66")
    assert throttle.attempt("department", "10.0.0.1") == 0.0


def test_guessing_one_account_from_many_addresses_is_slowed_too():
    throttle = Throttle(clock=Clock())
    answers = [throttle.attempt("department", f"10.0.1.{i}") for i in range(USER.free + 1)]
    assert answers[-1] == USER.first_wait_s


def test_guessing_many_accounts_from_one_address_is_slowed_too():
    throttle = Throttle(clock=Clock())
    answers = [throttle.attempt(f"user{i}", "10.0.0.66") for i in range(41)]
    assert answers[-2:] == [0.0, 15.0]


def test_it_forgets_after_an_hour_of_quiet():
    clock = Clock()
    throttle = Throttle(clock=clock)
    wrong(throttle, BOTH.free)
    clock.now += 3600 + BOTH.first_wait_s + 1
    assert wrong(throttle, BOTH.free) == [0.0] * BOTH.free


def test_its_memory_is_bounded():
    throttle = Throttle(clock=Clock(), remembered=50)
    for i in range(200):
        throttle.attempt(f"user{i}", f"10.0.{i}.1")
    assert len(throttle) == 50
