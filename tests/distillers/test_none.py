from gdpd_sklearn.distillers import NoDistillation, Progress, Stage


def test_nothing_is_transferred_and_no_teacher_needed():
    distiller = NoDistillation()
    assert not distiller.uses_teacher
    for epoch in range(4):
        assert distiller.stage(Progress(epoch, 4)) == Stage(transfer=0.0)
